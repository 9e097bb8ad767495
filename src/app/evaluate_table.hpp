// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tropism/evaluation/report.hpp>

namespace tropism::app {

/// A report for people: one line for all samples and one per label; columns that would be empty are
/// left out. UTF-8.
[[nodiscard]] std::string report_table(const evaluation::Report& report);

}  // namespace tropism::app
