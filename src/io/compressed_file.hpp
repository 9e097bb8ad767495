// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::io {

/// The whole contents of a file, decompressed if it is a gzip stream. @throws IoError
[[nodiscard]] std::string read_maybe_compressed(const std::string& path);

}  // namespace tropism::io
