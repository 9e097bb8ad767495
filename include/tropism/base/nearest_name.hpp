// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace tropism::base {

/// The candidate that a mistyped name most likely meant: the one with the fewest letters to insert,
/// remove, replace or swap with their neighbour, if these are at most a third of the longer name
/// (but 1 at least); else an empty string.
[[nodiscard]] std::string nearest_name(const std::string& name,
                                       const std::vector<std::string>& candidates);

/// "a", "a or b", "a, b or c".
[[nodiscard]] std::string join_choices(const std::vector<std::string>& choices);

}  // namespace tropism::base
