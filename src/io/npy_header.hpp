// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tropism::io {

/// What the header of an .npy file says: numpy/lib/format.py.
struct NpyHeader {
  std::string type;  // kind and bytes: "f4", "u2", "b1"
  std::vector<std::int64_t> shape;
  std::size_t data_offset = 0;
};

/// The start of a file tells where its header ends, which may be beyond the end of a damaged file.
inline constexpr std::size_t npy_start_bytes = 12;
[[nodiscard]] std::size_t npy_header_end(const std::string& path, const std::string& start);

/// @param contents   of the file, up to the end of the header at least
/// @throws IoError for anything but little-endian numbers in C order
[[nodiscard]] NpyHeader parse_npy_header(const std::string& path, const std::string& contents);

/// The header that goes before the data, padded to a multiple of 64 bytes.
[[nodiscard]] std::string make_npy_header(const std::string& type, at::IntArrayRef shape);

}  // namespace tropism::io
