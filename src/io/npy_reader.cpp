// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include <tropism/base/error.hpp>
#include <tropism/io/npy.hpp>

#include "npy_header.hpp"

namespace tropism::io {
namespace {

/// What the elements are read as: of the same size, for torch has no unsigned integers but bytes.
torch::Dtype stored_type(const std::string& type, const std::string& path) {
  if (type == "f2") return torch::kFloat16;
  if (type == "f4") return torch::kFloat32;
  if (type == "f8") return torch::kFloat64;
  if (type == "i1") return torch::kInt8;
  if (type == "i2" || type == "u2") return torch::kInt16;
  if (type == "i4" || type == "u4") return torch::kInt32;
  if (type == "i8" || type == "u8") return torch::kInt64;
  if (type == "u1" || type == "b1") return torch::kUInt8;
  throw base::IoError(path + ": arrays of type " + type +
                      " are not read. Save it with .astype('<f4').");
}

/// As the next type that torch has.
torch::Tensor widened(const torch::Tensor& stored, const std::string& type,
                      const std::string& path) {
  if (type == "f2") return stored.to(torch::kFloat32);
  if (type == "u2") return stored.to(torch::kInt32).bitwise_and_(0xFFFF);
  if (type == "u4") return stored.to(torch::kInt64).bitwise_and_(std::int64_t{0xFFFFFFFF});
  if (type == "u8" && stored.lt(0).any().item<bool>())
    throw base::IoError(path + ": it holds an integer above 2^63 - 1.");
  return stored;
}

/// The length in bytes that the header promises; empty if it overflows.
std::optional<std::size_t> promised_bytes(const NpyHeader& header) {
  auto bytes = static_cast<std::size_t>(header.type[1] - '0');
  for (const auto size : header.shape)
    if (__builtin_mul_overflow(bytes, static_cast<std::size_t>(size), &bytes)) return std::nullopt;
  return bytes;
}

class Input {
 public:
  explicit Input(const std::string& path) : path_(path), file_(path, std::ios::binary) {
    std::error_code error;
    size_ = std::filesystem::file_size(path, error);  // an error for directories too
    if (!file_ || error)
      throw base::IoError(path + ": there is no such file, or it may not be read.");
  }
  [[nodiscard]] std::size_t size() const { return size_; }

  void read(std::size_t offset, void* target, std::size_t bytes) {
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(static_cast<char*>(target), static_cast<std::streamsize>(bytes));
    if (!file_)
      throw base::IoError(path_ +
                          ": reading failed half-way. Is the disk or the network at fault?");
  }

  /// As much as there is.
  std::string start(std::size_t bytes) {
    std::string text(std::min(bytes, size_), '\0');
    read(0, text.data(), text.size());
    return text;
  }

 private:
  std::string path_;
  std::ifstream file_;
  std::size_t size_ = 0;
};

void check_length(const NpyHeader& header, std::size_t file_size, const std::string& path) {
  const std::size_t found = file_size - header.data_offset;
  const auto promised = promised_bytes(header);
  if (promised && *promised == found) return;
  throw base::IoError(
      path + ": the header promises " + (promised ? std::to_string(*promised) : "too many") +
      " bytes of data, and there are " + std::to_string(found) + ". The file is damaged.");
}

}  // namespace

torch::Tensor read_npy(const std::string& path) {
  Input file(path);
  const auto header_end = npy_header_end(path, file.start(npy_start_bytes));
  const auto header = parse_npy_header(path, file.start(header_end));
  const auto dtype = stored_type(header.type, path);
  check_length(header, file.size(), path);
  const auto values = torch::empty(header.shape, dtype);
  file.read(header_end, values.data_ptr(), values.nbytes());
  return widened(values, header.type, path);
}

}  // namespace tropism::io
