// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tropism::io {

/// A table of numbers.
struct Table {
  std::vector<std::string> columns;  // names; empty if the file has no header
  torch::Tensor values;              // float64 [N, C]
};

/// Reads a CSV file, plain or compressed by gzip. A first line with a field that is not a number is
/// a header. Fields are separated by commas, or by semicolons or tabs where the first line has no
/// comma; quotes around a field, spaces, a byte-order mark and CR LF are accepted; blank lines are
/// skipped.
///
/// @param may_be_missing   columns (names or 0-based indices) where an empty field or "nan" is a
/// missing value: NaN
/// @throws IoError   names file, line and column: ragged rows, text, NaN or infinity among the
/// numbers; an
///                   empty file; a broken gzip stream
[[nodiscard]] Table read_csv(const std::string& path,
                             const std::vector<std::string>& may_be_missing = {});

/// The position of a column given by its name or its 0-based index.
/// @throws IoError   lists the columns there are
[[nodiscard]] std::int64_t column_index(const Table& table, const std::string& column,
                                        const std::string& path);

/// Writes a header if there are column names, then one line per row, with as many digits as it
/// takes to read back the same numbers (of `values`' own type). Atomic.
void write_csv(const std::string& path, const Table& table);

}  // namespace tropism::io
