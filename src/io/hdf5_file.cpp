// SPDX-License-Identifier: MIT
#include <tropism/io/hdf5_file.hpp>

#include <sys/stat.h>

#include <utility>

#include "hdf5_types.hpp"

namespace tropism::io {
namespace {

constexpr hsize_t page = 4096;  // bytes; objects of this size and more start at a page

PropertyHandle access_properties() {
  PropertyHandle properties(H5Pcreate(H5P_FILE_ACCESS));
  H5Pset_fclose_degree(properties.id(), H5F_CLOSE_STRONG);
  return properties;
}

bool link_exists(std::int64_t file, const std::string& name, std::size_t end) {
  return H5Lexists(file, name.substr(0, end).c_str(), H5P_DEFAULT) > 0;
}

/// HDF5 asks for every group on the way by itself.
bool path_exists(std::int64_t file, const std::string& name) {
  for (std::size_t slash = name.find('/', 1); slash != std::string::npos;
       slash = name.find('/', slash + 1))
    if (!link_exists(file, name, slash)) return false;
  return link_exists(file, name, std::string::npos);
}

Hdf5Kind kind_of_type(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  if (kind == H5T_STRING) return Hdf5Kind::text;
  if (kind == H5T_FLOAT) return Hdf5Kind::real;
  return dtype_of(type) ? Hdf5Kind::integer : Hdf5Kind::other;
}

/// A dataset with a null dataspace: h5py's Empty.
bool holds_nothing(hid_t dataset) {
  return H5Sget_simple_extent_type(SpaceHandle(H5Dget_space(dataset)).id()) == H5S_NULL;
}

std::string link_name(hid_t group, hsize_t index) {
  const auto length =
      H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, nullptr, 0, H5P_DEFAULT);
  std::string name(static_cast<std::size_t>(length) + 1, '\0');
  H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, index, name.data(), name.size(),
                     H5P_DEFAULT);
  name.pop_back();
  return name;
}

std::optional<std::int64_t> file_size(const std::string& path) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_size;
}

}  // namespace

Hdf5File Hdf5File::open(const std::string& path) {
  silence_hdf5();
  const auto properties = access_properties();
  const Hdf5Action action = {path, "open the HDF5 file", ""};
  const auto size = file_size(path);
  if (!size) fail(action, "There is no such file, or it may not be read");
  if (*size == 0) fail(action, "The file is empty");
  return {path, checked(H5Fopen(path.c_str(), H5F_ACC_RDONLY, properties.id()), action)};
}

Hdf5File Hdf5File::create(const std::string& path) {
  silence_hdf5();
  const auto properties = access_properties();
  H5Pset_libver_bounds(properties.id(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  H5Pset_alignment(properties.id(), page, page);
  const Hdf5Action action = {path, "create the HDF5 file", ""};
  return {path,
          checked(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, properties.id()), action)};
}

Hdf5File::Hdf5File(Hdf5File&& other) noexcept
    : path_(std::move(other.path_)), handle_(std::exchange(other.handle_, H5I_INVALID_HID)) {}

Hdf5File& Hdf5File::operator=(Hdf5File&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(handle_, other.handle_);
  return *this;
}

Hdf5File::~Hdf5File() {
  if (handle_ >= 0) H5Fclose(handle_);
  H5Eclear2(H5E_DEFAULT);
}

void Hdf5File::flush() {
  checked(H5Fflush(handle_, H5F_SCOPE_LOCAL), {path_, "write to the file", ""});
}

void Hdf5File::close() {
  if (handle_ < 0) return;
  checked(H5Fclose(std::exchange(handle_, H5I_INVALID_HID)),
          {path_, "finish writing the file", ""});
}

bool Hdf5File::has(const std::string& name) const {
  if (name.empty() || name == "/") return true;
  const bool exists =
      path_exists(handle_, name) && H5Oexists_by_name(handle_, name.c_str(), H5P_DEFAULT) > 0;
  H5Eclear2(H5E_DEFAULT);
  return exists;
}

Hdf5Kind Hdf5File::kind(const std::string& name) const {
  const Hdf5Action action = {path_, "open", name};
  const ObjectHandle object(checked(H5Oopen(handle_, name.c_str(), H5P_DEFAULT), action));
  const H5I_type_t type = H5Iget_type(object.id());
  if (type == H5I_GROUP) return Hdf5Kind::group;
  if (type != H5I_DATASET || holds_nothing(object.id())) return Hdf5Kind::other;
  return kind_of_type(TypeHandle(H5Dget_type(object.id())).id());
}

std::vector<std::string> Hdf5File::list(const std::string& group) const {
  const Hdf5Action action = {path_, "list the group", group};
  const GroupHandle opened(checked(H5Gopen2(handle_, group.c_str(), H5P_DEFAULT), action));
  H5G_info_t info = {};
  checked(H5Gget_info(opened.id(), &info), action);
  std::vector<std::string> names;
  for (hsize_t index = 0; index < info.nlinks; ++index)
    names.push_back(link_name(opened.id(), index));
  return names;
}

void Hdf5File::create_group(const std::string& name) {
  if (has(name)) return;
  const PropertyHandle links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_create_intermediate_group(links.id(), 1);
  const Hdf5Action action = {path_, "create the group", name};
  const GroupHandle group(
      checked(H5Gcreate2(handle_, name.c_str(), links.id(), H5P_DEFAULT, H5P_DEFAULT), action));
}

}  // namespace tropism::io
