// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>

#include <tropism/base/error.hpp>
#include <tropism/io/csv.hpp>

namespace tropism::io {
namespace {

std::string list_of(const Table& table) {
  if (table.columns.empty())
    return "no header, and columns 0 to " + std::to_string(table.values.size(1) - 1);
  std::string names = "the columns";
  const std::size_t shown = std::min<std::size_t>(table.columns.size(), 20);
  for (std::size_t column = 0; column < shown; ++column)
    names += (column > 0 ? ", " : " ") + table.columns[column];
  return names + (shown < table.columns.size() ? ", ..." : "");
}

}  // namespace

std::int64_t column_index(const Table& table, const std::string& column, const std::string& path) {
  const auto named = std::find(table.columns.begin(), table.columns.end(), column);
  if (named != table.columns.end()) return named - table.columns.begin();
  std::int64_t index = -1;
  const char* const end = column.data() + column.size();
  const auto [stop, error] = std::from_chars(column.data(), end, index);
  if (error == std::errc() && stop == end && index >= 0 && index < table.values.size(1))
    return index;
  throw base::IoError(path + ": there is no column \"" + column + "\". The file has " +
                      list_of(table) + ".");
}

}  // namespace tropism::io
