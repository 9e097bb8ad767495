// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>

#include <tropism/base/error.hpp>
#include <tropism/io/hdf5_file.hpp>

#include "hdf5_text.hpp"

namespace tropism::io {
namespace {

constexpr hsize_t chunk_bytes = 1U << 20U;

DatasetHandle open_dataset(hid_t file, const Hdf5Action& action) {
  return DatasetHandle(checked(H5Dopen2(file, action.object.c_str(), H5P_DEFAULT), action));
}

std::vector<hsize_t> unsigned_shape(at::IntArrayRef shape) {
  return {shape.begin(), shape.end()};
}

std::vector<std::int64_t> shape_of(hid_t dataset, const Hdf5Action& action) {
  const SpaceHandle space(checked(H5Dget_space(dataset), action));
  if (H5Sget_simple_extent_type(space.id()) == H5S_NULL)
    fail(action, "It holds nothing (a null dataspace)");
  std::vector<hsize_t> sizes(
      static_cast<std::size_t>(checked(H5Sget_simple_extent_ndims(space.id()), action)));
  H5Sget_simple_extent_dims(space.id(), sizes.data(), nullptr);
  return {sizes.begin(), sizes.end()};
}

SpaceHandle make_space(const std::vector<hsize_t>& shape) {
  if (shape.empty()) return SpaceHandle(H5Screate(H5S_SCALAR));
  return SpaceHandle(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
}

SpaceHandle select_rows(hid_t dataset, std::int64_t first, const std::vector<std::int64_t>& shape,
                        const Hdf5Action& action) {
  SpaceHandle space(checked(H5Dget_space(dataset), action));
  std::vector<hsize_t> start(shape.size(), 0);
  start[0] = static_cast<hsize_t>(first);
  checked(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr,
                              unsigned_shape(shape).data(), nullptr),
          action);
  return space;
}

torch::Dtype numbers_in(hid_t dataset, const Hdf5Action& action) {
  const TypeHandle type(checked(H5Dget_type(dataset), action));
  const auto dtype = dtype_of(type.id());
  if (!dtype) fail(action, "It holds " + type_name(type.id()) + "; numbers were expected");
  return *dtype;
}

/// Where the elements are read from: everything if `space` is H5S_ALL. `values` are of the type of
/// the dataset; their own shape does not matter.
void read_selected_into(torch::Tensor& values, hid_t dataset, hid_t space,
                        const std::vector<std::int64_t>& shape, const Hdf5Action& action) {
  if (values.numel() == 0) return;
  const bool beyond_torch = is_unsigned_64(TypeHandle(H5Dget_type(dataset)).id());
  const hid_t memory = beyond_torch ? H5T_NATIVE_UINT64 : memory_type(values.scalar_type());
  const SpaceHandle memory_space = make_space(unsigned_shape(shape));
  checked(H5Dread(dataset, memory, memory_space.id(), space, H5P_DEFAULT, values.data_ptr()),
          action);
  if (beyond_torch && values.lt(0).any().item<bool>())
    fail(action, "It holds an integer above 2^63 - 1");
}

torch::Tensor read_selected(hid_t dataset, hid_t space, const std::vector<std::int64_t>& shape,
                            const Hdf5Action& action) {
  auto values = torch::empty(shape, numbers_in(dataset, action));
  read_selected_into(values, dataset, space, shape, action);
  return values;
}

void check_rows(const std::vector<std::int64_t>& shape, std::int64_t first, std::int64_t count,
                const Hdf5Action& action) {
  if (shape.empty()) fail(action, "It holds a single value; rows were expected");
  if (first >= 0 && count >= 0 && count <= shape[0] - first) return;
  fail(action, "Rows " + std::to_string(first) + " to " + std::to_string(first + count - 1) +
                   " were asked for, and it has " + std::to_string(shape[0]));
}

/// Of rows [first, first + count), if the dataset has them.
std::vector<std::int64_t> shape_of_rows(hid_t dataset, std::int64_t first, std::int64_t count,
                                        const Hdf5Action& action) {
  auto shape = shape_of(dataset, action);
  check_rows(shape, first, count, action);
  shape[0] = count;
  return shape;
}

PropertyHandle contiguous_properties() {
  PropertyHandle properties(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_layout(properties.id(), H5D_CONTIGUOUS);
  H5Pset_alloc_time(properties.id(), H5D_ALLOC_TIME_EARLY);
  return properties;
}

/// Chunks of whole rows of about a MiB. Scalars cannot be chunked: they go into the object's
/// header, which has a checksum too; without an element there is nothing to check.
PropertyHandle checksummed_properties(std::vector<hsize_t> shape, std::size_t element_bytes) {
  PropertyHandle properties(H5Pcreate(H5P_DATASET_CREATE));
  if (shape.empty()) H5Pset_layout(properties.id(), H5D_COMPACT);
  if (shape.empty() || std::count(shape.begin(), shape.end(), 0U) > 0) return properties;
  hsize_t row_bytes = element_bytes;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) row_bytes *= shape[axis];
  shape[0] = std::clamp<hsize_t>(chunk_bytes / row_bytes, 1, shape[0]);
  H5Pset_chunk(properties.id(), static_cast<int>(shape.size()), shape.data());
  H5Pset_fletcher32(properties.id());
  return properties;
}

DatasetHandle make_dataset(hid_t file, hid_t type, const std::vector<hsize_t>& shape, Layout layout,
                           const Hdf5Action& action) {
  const PropertyHandle links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_create_intermediate_group(links.id(), 1);
  const auto properties = layout == Layout::contiguous
                              ? contiguous_properties()
                              : checksummed_properties(shape, H5Tget_size(type));
  return DatasetHandle(checked(H5Dcreate2(file, action.object.c_str(), type, make_space(shape).id(),
                                          links.id(), properties.id(), H5P_DEFAULT),
                               action));
}

}  // namespace

torch::Tensor Hdf5File::read(const std::string& name) const {
  const Hdf5Action action = {path_, "read the dataset", name};
  const auto dataset = open_dataset(handle_, action);
  return read_selected(dataset.id(), H5S_ALL, shape_of(dataset.id(), action), action);
}

torch::Tensor Hdf5File::read_rows(const std::string& name, std::int64_t first,
                                  std::int64_t count) const {
  const Hdf5Action action = {path_, "read rows of the dataset", name};
  const auto dataset = open_dataset(handle_, action);
  const auto shape = shape_of_rows(dataset.id(), first, count, action);
  const auto rows = select_rows(dataset.id(), first, shape, action);
  return read_selected(dataset.id(), rows.id(), shape, action);
}

void Hdf5File::read_rows_into(torch::Tensor& values, const std::string& name, std::int64_t first,
                              std::int64_t count) const {
  const Hdf5Action action = {path_, "read rows of the dataset", name};
  const auto dataset = open_dataset(handle_, action);
  const auto shape = shape_of_rows(dataset.id(), first, count, action);
  base::expects(values.is_contiguous() && values.numel() == c10::multiply_integers(shape),
                "room for the rows");
  const auto rows = select_rows(dataset.id(), first, shape, action);
  if (values.scalar_type() == numbers_in(dataset.id(), action))
    return read_selected_into(values, dataset.id(), rows.id(), shape, action);
  values.view(shape).copy_(read_selected(dataset.id(), rows.id(), shape, action));
}

std::string Hdf5File::read_text(const std::string& name) const {
  const Hdf5Action action = {path_, "read the text", name};
  const auto dataset = open_dataset(handle_, action);
  const TypeHandle type(checked(H5Dget_type(dataset.id()), action));
  const SpaceHandle space(checked(H5Dget_space(dataset.id()), action));
  return read_one_text(type.id(), space.id(), action, [&](hid_t memory, void* buffer) {
    return H5Dread(dataset.id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
  });
}

void Hdf5File::write(const std::string& name, const torch::Tensor& values, Layout layout) {
  const Hdf5Action action = {path_, "write the dataset", name};
  const auto source = values.detach().to(torch::kCPU).contiguous();
  const auto dtype = source.scalar_type();
  const auto dataset =
      make_dataset(handle_, file_type(dtype), unsigned_shape(source.sizes()), layout, action);
  if (source.numel() == 0) return;
  checked(
      H5Dwrite(dataset.id(), memory_type(dtype), H5S_ALL, H5S_ALL, H5P_DEFAULT, source.data_ptr()),
      action);
}

void Hdf5File::write_text(const std::string& name, const std::string& text) {
  const Hdf5Action action = {path_, "write the text", name};
  const auto type = fixed_text_type(text.size());
  const auto dataset = make_dataset(handle_, type.id(), {1}, Layout::checksummed, action);
  checked(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, text.c_str()), action);
}

void Hdf5File::create_dataset(const std::string& name, torch::Dtype dtype,
                              const std::vector<std::int64_t>& shape) {
  make_dataset(handle_, file_type(dtype), unsigned_shape(shape), Layout::contiguous,
               {path_, "create the dataset", name});
}

void Hdf5File::write_rows(const std::string& name, std::int64_t first, const torch::Tensor& rows) {
  const Hdf5Action action = {path_, "write rows of the dataset", name};
  const auto dataset = open_dataset(handle_, action);
  const auto source = rows.detach().to(torch::kCPU).contiguous();
  const auto shape =
      shape_of_rows(dataset.id(), first, source.dim() == 0 ? 0 : source.size(0), action);
  base::expects(source.sizes().vec() == shape, "rows have the shape of the dataset's rows");
  if (source.numel() == 0) return;
  const auto target = select_rows(dataset.id(), first, shape, action);
  const auto memory = make_space(unsigned_shape(shape));
  checked(H5Dwrite(dataset.id(), memory_type(source.scalar_type()), memory.id(), target.id(),
                   H5P_DEFAULT, source.data_ptr()),
          action);
}

std::vector<std::int64_t> Hdf5File::shape(const std::string& name) const {
  const Hdf5Action action = {path_, "open the dataset", name};
  return shape_of(open_dataset(handle_, action).id(), action);
}

torch::Dtype Hdf5File::dtype(const std::string& name) const {
  const Hdf5Action action = {path_, "use the dataset", name};
  return numbers_in(open_dataset(handle_, action).id(), action);
}

std::string Hdf5File::stored_type(const std::string& name) const {
  const auto dataset = open_dataset(handle_, {path_, "open the dataset", name});
  return type_name(TypeHandle(H5Dget_type(dataset.id())).id());
}

std::optional<std::int64_t> Hdf5File::mappable_offset(const std::string& name) const {
  const auto dataset = open_dataset(handle_, {path_, "open the dataset", name});
  const TypeHandle type(H5Dget_type(dataset.id()));
  const auto dtype_in_memory = dtype_of(type.id());
  const haddr_t offset = H5Dget_offset(dataset.id());
  H5Eclear2(H5E_DEFAULT);
  if (!dtype_in_memory || offset == HADDR_UNDEF) return std::nullopt;
  if (H5Tequal(type.id(), memory_type(*dtype_in_memory)) <= 0) return std::nullopt;
  const auto end = offset + H5Dget_storage_size(dataset.id());
  if (end > std::filesystem::file_size(path_)) return std::nullopt;
  return static_cast<std::int64_t>(offset);
}

}  // namespace tropism::io
