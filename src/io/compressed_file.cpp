// SPDX-License-Identifier: MIT
#include "compressed_file.hpp"

#include <zlib.h>

#include <filesystem>
#include <memory>

#include <tropism/base/error.hpp>

namespace tropism::io {
namespace {

constexpr unsigned block_bytes = 1U << 22U;

struct CloseGzip {
  void operator()(gzFile_s* file) const { gzclose_r(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, CloseGzip>;

GzipFile open_gzip(const std::string& path) {
  std::error_code ignored;
  GzipFile file(std::filesystem::is_regular_file(path, ignored) ? gzopen(path.c_str(), "rb")
                                                                : nullptr);
  if (!file) throw base::IoError(path + ": there is no such file, or it may not be read.");
  gzbuffer(file.get(), 1U << 18U);
  return file;
}

void check_gzip(gzFile_s* file, const std::string& path) {
  int code = Z_OK;
  const std::string reason = gzerror(file, &code);
  if (code != Z_OK)
    throw base::IoError(path + ": the gzip stream is damaged or cut off (" + reason +
                        "). Fetch the file again.");
}

}  // namespace

std::string read_maybe_compressed(const std::string& path) {
  const auto file = open_gzip(path);
  std::string text;
  text.reserve(std::filesystem::file_size(path) + block_bytes);
  for (int bytes = 1; bytes > 0;) {
    const std::size_t end = text.size();
    text.resize(end + block_bytes);
    bytes = gzread(file.get(), text.data() + end, block_bytes);
    text.resize(end + static_cast<std::size_t>(bytes > 0 ? bytes : 0));
  }
  check_gzip(file.get(), path);
  return text;
}

}  // namespace tropism::io
