// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tropism/evaluation/report.hpp>

namespace tropism::evaluation {

/// What a reader of the numbers must know: duplicates, copies, and why something is missing.
std::vector<std::string> notes_on(const Report& report);

}  // namespace tropism::evaluation
