// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include <tropism/base/error.hpp>
#include <tropism/io/csv.hpp>

#include "compressed_file.hpp"

namespace tropism::io {
namespace {

bool is_space(char letter) {
  return letter == ' ' || letter == '\r' || letter == '\t';
}
bool is_blank(std::string_view line) {
  return std::all_of(line.begin(), line.end(), is_space);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// A number that fills the whole field; a leading plus sign is allowed.
bool parse_number(std::string_view field, double& value) {
  if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && end == field.data() + field.size();
}

/// The separator behind a field, or the end of the line; quotes protect separators.
const char* end_of_field(const char* position, const char* end, char separator) {
  for (bool quoted = false; position != end && (quoted || *position != separator); ++position)
    quoted ^= *position == '"';
  return position;
}

std::vector<std::string> split(std::string_view line, char separator) {
  std::vector<std::string> fields;
  const char* const end = line.data() + line.size();
  for (const char* position = line.data();; ++position) {
    const char* const stop = end_of_field(position, end, separator);
    fields.emplace_back(trimmed({position, static_cast<std::size_t>(stop - position)}));
    if (stop == end) return fields;
    position = stop;
  }
}

char separator_of(std::string_view line) {
  for (const char separator : {',', ';', '\t'})
    if (line.find(separator) != std::string_view::npos) return separator;
  return ',';
}

bool is_header(const std::vector<std::string>& fields) {
  double ignored = 0;
  return std::any_of(fields.begin(), fields.end(), [&](const std::string& field) {
    return !field.empty() && field != "nan" && field != "NaN" && !parse_number(field, ignored);
  });
}

/// Walks through the lines that are not blank.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {
    if (rest_.substr(0, 3) == "\xEF\xBB\xBF") rest_.remove_prefix(3);  // byte-order mark
  }

  bool next() {
    while (!rest_.empty()) {
      const std::size_t end = rest_.find('\n');
      line_ = rest_.substr(0, end);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      ++number_;
      if (!line_.empty() && line_.back() == '\r') line_.remove_suffix(1);
      if (!is_blank(line_)) return true;
    }
    return false;
  }

  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::int64_t number() const { return number_; }
  [[nodiscard]] std::int64_t at_most() const {
    return 1 + std::count(rest_.begin(), rest_.end(), '\n');
  }

 private:
  std::string_view rest_;
  std::string_view line_;
  std::int64_t number_ = 0;
};

/// Turns lines into rows of numbers, or says what is wrong with them.
class RowParser {
 public:
  RowParser(std::string path, char separator, std::size_t columns)
      : path_(std::move(path)), separator_(separator), missing_allowed_(columns, false) {}

  void name_columns(const std::vector<std::string>& names) { names_ = names; }
  void allow_missing(std::int64_t column) {
    missing_allowed_.at(static_cast<std::size_t>(column)) = true;
  }

  void parse(const Lines& lines, double* row) const {
    const auto line = lines.line();
    const char* const end = line.data() + line.size();
    const char* position = line.data();
    const std::size_t columns = missing_allowed_.size();
    for (std::size_t column = 0; column < columns; ++column) {
      const char* const stop = parse_field(position, end, lines.number(), column, row[column]);
      if ((stop == end) != (column + 1 == columns)) fail_ragged(lines);
      position = stop + 1;
    }
  }

 private:
  /// Returns where the field ends. Plain digits right up to there are the common case.
  const char* parse_field(const char* position, const char* end, std::int64_t line,
                          std::size_t column, double& value) const {
    const auto [stop, error] = std::from_chars(position, end, value);
    const bool plain =
        error == std::errc() && (stop == end || *stop == separator_) && std::isfinite(value);
    if (plain) return stop;
    const char* const field_end = end_of_field(position, end, separator_);
    value = parse_odd({position, static_cast<std::size_t>(field_end - position)}, line, column);
    return field_end;
  }

  double parse_odd(std::string_view text, std::int64_t line, std::size_t column) const {
    const auto field = trimmed(text);
    const bool missing = field.empty() || field == "nan" || field == "NaN";
    if (missing && missing_allowed_[column]) return std::numeric_limits<double>::quiet_NaN();
    double value = 0;
    if (!parse_number(field, value)) fail_field(field, line, column, "a number was expected");
    if (!std::isfinite(value))
      fail_field(field, line, column, "NaN and infinity are refused; remove the row");
    return value;
  }

  [[noreturn]] void fail_field(std::string_view field, std::int64_t line, std::size_t column,
                               const std::string& reason) const {
    const std::string name = names_.empty() ? "" : " (" + names_[column] + ")";
    throw base::IoError(path_ + ", line " + std::to_string(line) + ", column " +
                        std::to_string(column) + name + ": found \"" +
                        std::string(field.substr(0, 40)) + "\", but " + reason + ".");
  }

  [[noreturn]] void fail_ragged(const Lines& lines) const {
    throw base::IoError(path_ + ", line " + std::to_string(lines.number()) + ": the line has " +
                        std::to_string(split(lines.line(), separator_).size()) +
                        " fields, the first line has " + std::to_string(missing_allowed_.size()) +
                        ". Every row needs the same number of fields.");
  }

  std::string path_;
  char separator_;
  std::vector<bool> missing_allowed_;
  std::vector<std::string> names_;
};

torch::Tensor read_rows(Lines& lines, bool skip_first, const RowParser& parser,
                        std::size_t columns) {
  auto values =
      torch::empty({lines.at_most() + 1, static_cast<std::int64_t>(columns)}, torch::kFloat64);
  auto* row = values.data_ptr<double>();
  std::int64_t rows = 0;
  for (bool more = skip_first ? lines.next() : true; more;
       more = lines.next(), ++rows, row += columns)
    parser.parse(lines, row);
  return values.narrow(0, 0, rows);
}

}  // namespace

Table read_csv(const std::string& path, const std::vector<std::string>& may_be_missing) {
  const std::string text = read_maybe_compressed(path);
  if (text.find('\0') != std::string::npos)
    throw base::IoError(path +
                        ": the file holds zero bytes, so it is no CSV file but a binary one.");
  Lines lines(text);
  if (!lines.next())
    throw base::IoError(path + ": the file is empty; rows of numbers were expected.");
  const char separator = separator_of(lines.line());
  const auto fields = split(lines.line(), separator);
  Table table;
  if (is_header(fields)) table.columns = fields;
  table.values = torch::empty({0, static_cast<std::int64_t>(fields.size())}, torch::kFloat64);
  RowParser parser(path, separator, fields.size());
  parser.name_columns(table.columns);
  for (const auto& column : may_be_missing) parser.allow_missing(column_index(table, column, path));
  table.values = read_rows(lines, !table.columns.empty(), parser, fields.size());
  if (table.values.size(0) == 0) throw base::IoError(path + ": the file has a header and no rows.");
  return table;
}

}  // namespace tropism::io
