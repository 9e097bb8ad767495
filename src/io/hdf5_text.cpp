// SPDX-License-Identifier: MIT
#include "hdf5_text.hpp"

namespace tropism::io {
namespace {

using Read = std::function<herr_t(hid_t, void*)>;

std::string read_variable(hid_t stored_type, const Hdf5Action& action, const Read& read) {
  const TypeHandle memory(H5Tcopy(stored_type));  // keeps the character set
  char* buffer = nullptr;
  checked(read(memory.id(), &buffer), action);
  const std::string text = buffer == nullptr ? "" : buffer;
  H5free_memory(buffer);
  return text;
}

std::string read_fixed(hid_t stored_type, const Hdf5Action& action, const Read& read) {
  std::string text(H5Tget_size(stored_type), '\0');
  checked(read(stored_type, text.data()), action);
  return text.substr(0, text.find('\0'));
}

}  // namespace

std::string read_one_text(hid_t stored_type, hid_t space, const Hdf5Action& action,
                          const Read& read) {
  if (H5Tget_class(stored_type) != H5T_STRING)
    fail(action, "It holds " + type_name(stored_type) + ", not text");
  if (H5Sget_simple_extent_npoints(space) != 1)
    fail(action, "It holds several strings or none; one was expected");
  const bool variable = checked(H5Tis_variable_str(stored_type), action) > 0;
  return variable ? read_variable(stored_type, action, read)
                  : read_fixed(stored_type, action, read);
}

}  // namespace tropism::io
