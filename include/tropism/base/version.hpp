// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::base {

/// Of Tropism, for instance `0.1.0`.
[[nodiscard]] std::string version();

/// The git commit that was configured, with `-dirty` where files differed from it; `unknown` where
/// the sources were not in a git repository.
[[nodiscard]] std::string git_revision();

}  // namespace tropism::base
