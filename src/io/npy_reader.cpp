// SPDX-License-Identifier: MIT
#include <cstring>
#include <optional>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>
#include <tropism/io/npy.hpp>

#include "npy_header.hpp"

namespace tropism::io {
namespace {

/// Elements on disk are of one type, those in memory of the next that torch has.
template <class Stored, class Memory>
torch::Tensor convert(const char* bytes, const NpyHeader& header, torch::Dtype dtype) {
  auto values = torch::empty(header.shape, dtype);
  auto* out = static_cast<Memory*>(values.data_ptr());
  for (std::int64_t index = 0; index < values.numel(); ++index, bytes += sizeof(Stored)) {
    Stored element;
    std::memcpy(&element, bytes, sizeof(Stored));
    out[index] = static_cast<Memory>(element);
  }
  return values;
}

torch::Tensor copy(const char* bytes, const NpyHeader& header, torch::Dtype dtype) {
  auto values = torch::empty(header.shape, dtype);
  if (values.numel() > 0) std::memcpy(values.data_ptr(), bytes, values.nbytes());
  return values;
}

torch::Tensor convert_unsigned_64(const char* bytes, const NpyHeader& header,
                                  const std::string& path) {
  auto values = copy(bytes, header, torch::kInt64);
  if (values.lt(0).any().item<bool>())
    throw base::IoError(path + ": it holds an integer above 2^63 - 1.");
  return values;
}

torch::Tensor decode(const char* bytes, const NpyHeader& header, const std::string& path) {
  const auto& type = header.type;
  if (type == "f4") return copy(bytes, header, torch::kFloat32);
  if (type == "f8") return copy(bytes, header, torch::kFloat64);
  if (type == "f2") return copy(bytes, header, torch::kFloat16).to(torch::kFloat32);
  if (type == "i1") return copy(bytes, header, torch::kInt8);
  if (type == "i2") return copy(bytes, header, torch::kInt16);
  if (type == "i4") return copy(bytes, header, torch::kInt32);
  if (type == "i8") return copy(bytes, header, torch::kInt64);
  if (type == "u1" || type == "b1") return copy(bytes, header, torch::kUInt8);
  if (type == "u2") return convert<std::uint16_t, std::int32_t>(bytes, header, torch::kInt32);
  if (type == "u4") return convert<std::uint32_t, std::int64_t>(bytes, header, torch::kInt64);
  if (type == "u8") return convert_unsigned_64(bytes, header, path);
  throw base::IoError(path + ": arrays of type " + type +
                      " are not read. Save it with .astype('<f4').");
}

/// The length in bytes that the header promises; empty if it overflows.
std::optional<std::size_t> promised_bytes(const NpyHeader& header) {
  auto bytes = static_cast<std::size_t>(header.type[1] - '0');
  for (const auto size : header.shape)
    if (__builtin_mul_overflow(bytes, static_cast<std::size_t>(size), &bytes)) return std::nullopt;
  return bytes;
}

}  // namespace

torch::Tensor read_npy(const std::string& path) {
  const std::string contents = read_text_file(path);
  const auto header = parse_npy_header(path, contents);
  const std::size_t found = contents.size() - header.data_offset;
  const auto promised = promised_bytes(header);
  if (!promised || *promised != found)
    throw base::IoError(
        path + ": the header promises " + (promised ? std::to_string(*promised) : "too many") +
        " bytes of data, and there are " + std::to_string(found) + ". The file is damaged.");
  return decode(contents.data() + header.data_offset, header, path);
}

}  // namespace tropism::io
