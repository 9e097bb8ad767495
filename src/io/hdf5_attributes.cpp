// SPDX-License-Identifier: MIT
#include <tropism/io/hdf5_file.hpp>

#include "hdf5_text.hpp"

namespace tropism::io {
namespace {

Hdf5Action action_on(const std::string& path, const std::string& verb, const std::string& object,
                     const std::string& name) {
  return {path, verb + " the attribute `" + name + "` of", object};
}

AttributeHandle open_attribute(hid_t file, const std::string& object, const std::string& name,
                               const Hdf5Action& action) {
  return AttributeHandle(checked(
      H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), action));
}

/// Whatever is there under this name is replaced.
void write_attribute(hid_t file, const std::string& object, const std::string& name, hid_t type,
                     const void* value, const Hdf5Action& action) {
  if (H5Aexists_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT) > 0)
    checked(H5Adelete_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT), action);
  const SpaceHandle scalar(H5Screate(H5S_SCALAR));
  const AttributeHandle attribute(
      checked(H5Acreate_by_name(file, object.c_str(), name.c_str(), type, scalar.id(), H5P_DEFAULT,
                                H5P_DEFAULT, H5P_DEFAULT),
              action));
  checked(H5Awrite(attribute.id(), type, value), action);
}

/// One number in the memory type of `value`.
template <class Number>
void read_number(const AttributeHandle& attribute, hid_t memory, Number& value,
                 const Hdf5Action& action) {
  const SpaceHandle space(H5Aget_space(attribute.id()));
  if (H5Sget_simple_extent_npoints(space.id()) != 1)
    fail(action, "It holds several values or none; one was expected");
  checked(H5Aread(attribute.id(), memory, &value), action);
}

extern "C" herr_t tropism_collect_attribute(hid_t, const char* name, const H5A_info_t*,
                                            void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

}  // namespace

void Hdf5File::set_attribute(const std::string& object, const std::string& name,
                             const std::string& value) {
  // Of fixed length: it stays in the object's header, whose checksum HDF5 tests. Texts of variable
  // length go to a heap without one, where a single flipped bit lets HDF5 loop or crash.
  const auto type = fixed_text_type(value.size());
  write_attribute(handle_, object, name, type.id(), value.c_str(),
                  action_on(path_, "write", object, name));
}

void Hdf5File::set_attribute(const std::string& object, const std::string& name,
                             const char* value) {
  set_attribute(object, name, std::string(value));
}

void Hdf5File::set_attribute(const std::string& object, const std::string& name,
                             std::int64_t value) {
  write_attribute(handle_, object, name, H5T_NATIVE_INT64, &value,
                  action_on(path_, "write", object, name));
}

void Hdf5File::set_attribute(const std::string& object, const std::string& name, double value) {
  write_attribute(handle_, object, name, H5T_NATIVE_DOUBLE, &value,
                  action_on(path_, "write", object, name));
}

std::string Hdf5File::attribute_text(const std::string& object, const std::string& name) const {
  const auto action = action_on(path_, "read", object, name);
  const auto attribute = open_attribute(handle_, object, name, action);
  const TypeHandle type(checked(H5Aget_type(attribute.id()), action));
  const SpaceHandle space(checked(H5Aget_space(attribute.id()), action));
  return read_one_text(type.id(), space.id(), action, [&](hid_t memory, void* buffer) {
    return H5Aread(attribute.id(), memory, buffer);
  });
}

std::int64_t Hdf5File::attribute_integer(const std::string& object, const std::string& name) const {
  const auto action = action_on(path_, "read", object, name);
  const auto attribute = open_attribute(handle_, object, name, action);
  if (attribute_kind(object, name) != Hdf5Kind::integer) fail(action, "It is not an integer");
  std::int64_t value = 0;
  read_number(attribute, H5T_NATIVE_INT64, value, action);
  return value;
}

double Hdf5File::attribute_real(const std::string& object, const std::string& name) const {
  const auto action = action_on(path_, "read", object, name);
  const auto attribute = open_attribute(handle_, object, name, action);
  const Hdf5Kind kind = attribute_kind(object, name);
  if (kind != Hdf5Kind::integer && kind != Hdf5Kind::real) fail(action, "It is not a number");
  double value = 0;
  read_number(attribute, H5T_NATIVE_DOUBLE, value, action);
  return value;
}

bool Hdf5File::has_attribute(const std::string& object, const std::string& name) const {
  if (!has(object)) return false;
  return H5Aexists_by_name(handle_, object.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Hdf5File::attributes(const std::string& object) const {
  std::vector<std::string> names;
  hsize_t position = 0;
  checked(H5Aiterate_by_name(handle_, object.c_str(), H5_INDEX_NAME, H5_ITER_INC, &position,
                             tropism_collect_attribute, &names, H5P_DEFAULT),
          {path_, "list the attributes of", object});
  return names;
}

Hdf5Kind Hdf5File::attribute_kind(const std::string& object, const std::string& name) const {
  const auto action = action_on(path_, "read", object, name);
  const auto attribute = open_attribute(handle_, object, name, action);
  const TypeHandle type(checked(H5Aget_type(attribute.id()), action));
  const H5T_class_t kind = H5Tget_class(type.id());
  if (kind == H5T_STRING) return Hdf5Kind::text;
  if (kind == H5T_FLOAT) return Hdf5Kind::real;
  return dtype_of(type.id()) ? Hdf5Kind::integer : Hdf5Kind::other;
}

}  // namespace tropism::io
