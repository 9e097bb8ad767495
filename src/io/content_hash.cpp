// SPDX-License-Identifier: MIT
#include <tropism/io/content_hash.hpp>

#include <zlib.h>

#include <array>
#include <fstream>
#include <vector>

#include <tropism/base/error.hpp>

namespace tropism::io {

std::string content_hash(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw base::IoError(path + ": there is no such file, or it may not be read.");
  std::vector<char> block(1U << 20U);
  uLong sum = crc32_z(0, nullptr, 0);
  while (file.read(block.data(), static_cast<std::streamsize>(block.size())), file.gcount() > 0)
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(block.data()),
                  static_cast<z_size_t>(file.gcount()));
  if (file.bad())
    throw base::IoError(path + ": reading failed half-way. Is the disk or the network at fault?");
  std::array<char, 20> text = {};
  std::snprintf(text.data(), text.size(), "crc32:%08lx", sum);
  return text.data();
}

}  // namespace tropism::io
