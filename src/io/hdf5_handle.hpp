// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

namespace tropism::io {

/// Owns one HDF5 identifier; the destructor does not throw.
template <auto Close>
class Hdf5Handle {
 public:
  explicit Hdf5Handle(hid_t id) : id_(id) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
  Hdf5Handle(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(Hdf5Handle&&) = delete;
  ~Hdf5Handle() {
    if (id_ >= 0) Close(id_);
  }
  [[nodiscard]] hid_t id() const { return id_; }

 private:
  hid_t id_;
};

using AttributeHandle = Hdf5Handle<&H5Aclose>;
using DatasetHandle = Hdf5Handle<&H5Dclose>;
using FileHandle = Hdf5Handle<&H5Fclose>;
using GroupHandle = Hdf5Handle<&H5Gclose>;
using ObjectHandle = Hdf5Handle<&H5Oclose>;
using PropertyHandle = Hdf5Handle<&H5Pclose>;
using SpaceHandle = Hdf5Handle<&H5Sclose>;
using TypeHandle = Hdf5Handle<&H5Tclose>;

/// What was done to which object of which file, for the message if it fails.
struct Hdf5Action {
  const std::string& path;
  std::string verb;    // for instance "read the dataset"
  std::string object;  // may be empty
};

/// Switches HDF5's own printing of errors off; once per process.
void silence_hdf5();

/// HDF5's error stack as text, innermost cause first; clears it.
[[nodiscard]] std::string take_hdf5_reason();

/// Throws IoError: the action and HDF5's reason.
[[noreturn]] void fail(const Hdf5Action& action);

/// Throws IoError: the action and this reason.
[[noreturn]] void fail(const Hdf5Action& action, const std::string& reason);

/// Passes a status or identifier of HDF5 on; negative ones become an IoError.
template <class Status>
Status checked(Status status, const Hdf5Action& action) {
  if (status < 0) fail(action);
  return status;
}

}  // namespace tropism::io
