// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tropism::io {

/// How a dataset lies in the file.
enum class Layout {
  contiguous,   // one aligned block, so that rows can be memory-mapped: shards, samples
  checksummed,  // chunked with fletcher32, so that an altered byte fails on reading: checkpoints
};

/// What an object of an HDF5 file, or an attribute of one, is.
enum class Hdf5Kind { group, integer, real, text, other };

/// One HDF5 file, opened read-only or created; the objects in it are named by path ("/x",
/// "policy/w"). Not collective: one process, one file. Every failure is an IoError that names the
/// file, the object and HDF5's own reason; HDF5 prints nothing itself. Files are written in the
/// format of HDF5 1.10, where the metadata carry checksums too.
class Hdf5File {
 public:
  /// Opens for reading. A refused file lock names HDF5_USE_FILE_LOCKING.
  static Hdf5File open(const std::string& path);

  /// Creates a file for writing; an existing one is replaced. Write under a temporary name
  /// (write_atomically) what must survive a kill.
  static Hdf5File create(const std::string& path);

  Hdf5File(Hdf5File&& other) noexcept;
  Hdf5File& operator=(Hdf5File&& other) noexcept;
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;
  ~Hdf5File();  // closes silently; call close() to learn of a failed write

  /// The whole dataset. Floats and integers keep their type where torch has it; else the next that
  /// holds them: float16 -> float32, uint16 -> int32, uint32 and uint64 -> int64 (a value beyond
  /// int64 is an IoError), booleans and enumerations -> the integer they are stored as.
  [[nodiscard]] torch::Tensor read(const std::string& name) const;

  /// Rows [first, first + count) of the first dimension, by hyperslab: nothing else is read.
  [[nodiscard]] torch::Tensor read_rows(const std::string& name, std::int64_t first,
                                        std::int64_t count) const;

  /// The same into `values`: contiguous, of any type and shape, with room for just these numbers.
  void read_rows_into(torch::Tensor& values, const std::string& name, std::int64_t first,
                      std::int64_t count) const;

  /// A text dataset: one string of fixed or variable length.
  [[nodiscard]] std::string read_text(const std::string& name) const;

  /// Writes a new dataset from a tensor of any shape, empty ones and scalars included, on any
  /// device: float32, float64, int8 to int64, uint8, or bool (as uint8). Missing groups on the way
  /// are created.
  void write(const std::string& name, const torch::Tensor& values, Layout layout);

  /// A text of any length, checksummed. In h5py: `file[name].asstr()[0]`.
  void write_text(const std::string& name, const std::string& text);

  /// A dataset to be filled block by block with write_rows; contiguous.
  void create_dataset(const std::string& name, torch::Dtype dtype,
                      const std::vector<std::int64_t>& shape);
  void write_rows(const std::string& name, std::int64_t first, const torch::Tensor& rows);

  /// Creates a group (and those above it) unless it exists.
  void create_group(const std::string& name);

  /// Attributes of a group, of a dataset, or of the file ("/"); set anew if they exist. Texts
  /// are UTF-8 of fixed length (bytes in h5py), so that the checksum of the object's header covers
  /// them; longer ones than 60000 bytes do not fit: use write_text.
  void set_attribute(const std::string& object, const std::string& name, const std::string& value);
  void set_attribute(const std::string& object, const std::string& name, const char* value);
  void set_attribute(const std::string& object, const std::string& name, std::int64_t value);
  void set_attribute(const std::string& object, const std::string& name, double value);

  [[nodiscard]] std::string attribute_text(const std::string& object,
                                           const std::string& name) const;
  [[nodiscard]] std::int64_t attribute_integer(const std::string& object,
                                               const std::string& name) const;
  [[nodiscard]] double attribute_real(const std::string& object, const std::string& name) const;
  [[nodiscard]] bool has_attribute(const std::string& object, const std::string& name) const;
  [[nodiscard]] std::vector<std::string> attributes(const std::string& object) const;
  [[nodiscard]] Hdf5Kind attribute_kind(const std::string& object, const std::string& name) const;

  [[nodiscard]] bool has(const std::string& name) const;
  [[nodiscard]] Hdf5Kind kind(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> list(const std::string& group) const;  // names, sorted
  [[nodiscard]] std::vector<std::int64_t> shape(const std::string& name) const;
  [[nodiscard]] torch::Dtype dtype(const std::string& name) const;  // what read() returns
  [[nodiscard]] std::string stored_type(
      const std::string& name) const;  // "float32", "uint16", "text"

  /// Where the rows lie in the file, if they lie in one piece, unfiltered and native: then they can
  /// be memory-mapped. Empty for chunked, compressed or foreign-endian datasets.
  [[nodiscard]] std::optional<std::int64_t> mappable_offset(const std::string& name) const;

  /// Hands everything written to the operating system.
  void flush();

  /// Closes, and throws what the destructor would swallow (a full disk, for instance).
  void close();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Hdf5File(std::string path, std::int64_t handle) : path_(std::move(path)), handle_(handle) {}

  std::string path_;
  std::int64_t handle_;  // HDF5's hid_t; negative once closed
};

}  // namespace tropism::io
