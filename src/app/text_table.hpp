// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace tropism::app {

using Cells = std::vector<std::string>;

/// A table for people: the first line's cells are titles, a rule follows it. Columns are as wide as
/// they must be; the first is set flush left, the others flush right.
[[nodiscard]] std::string text_table(const std::vector<Cells>& lines);

/// `digits` significant digits: "0.0616", "5.04e-03".
[[nodiscard]] std::string significant(double number, int digits);
[[nodiscard]] std::string scientific(double number, int digits);

/// "5.036e-02 ± 4.1e-04"
[[nodiscard]] std::string with_standard_error(double number, double standard_error);

}  // namespace tropism::app
