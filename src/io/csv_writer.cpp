// SPDX-License-Identifier: MIT
#include <array>
#include <charconv>
#include <fstream>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>
#include <tropism/io/csv.hpp>

namespace tropism::io {
namespace {

constexpr std::size_t flush_bytes = 1U << 20U;

template <class Number>
void append_number(std::string& text, Number value) {
  std::array<char, 32> digits = {};  // the shortest that reads back to the same number
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text.append(digits.data(), end);
}

std::string header(const std::vector<std::string>& columns) {
  std::string line;
  for (const auto& name : columns) {
    if (&name != &columns.front()) line += ',';
    const bool needs_quotes = name.find_first_of(",\n") != std::string::npos;
    line += needs_quotes ? '"' + name + '"' : name;
  }
  return columns.empty() ? line : line + '\n';
}

template <class Number>
void write_rows(std::ofstream& file, const torch::Tensor& values) {
  const auto source = values.contiguous();
  const auto* value = source.data_ptr<Number>();
  std::string text;
  for (std::int64_t row = 0; row < source.size(0); ++row) {
    for (std::int64_t column = 0; column < source.size(1); ++column, ++value) {
      if (column > 0) text += ',';
      append_number(text, *value);
    }
    text += '\n';
    if (text.size() < flush_bytes) continue;
    file << text;
    text.clear();
  }
  file << text;
}

void write_values(std::ofstream& file, const torch::Tensor& values) {
  if (values.scalar_type() == torch::kFloat32) return write_rows<float>(file, values);
  if (values.is_floating_point()) return write_rows<double>(file, values.to(torch::kFloat64));
  write_rows<std::int64_t>(file, values.to(torch::kInt64));
}

}  // namespace

void write_csv(const std::string& path, const Table& table) {
  base::expects(table.values.dim() == 2, "a table has rows and columns");
  base::expects(table.columns.empty() ||
                    static_cast<std::int64_t>(table.columns.size()) == table.values.size(1),
                "every column has a name, or none has");
  write_atomically(path, [&](const std::string& temporary_path) {
    std::ofstream file(temporary_path, std::ios::binary);
    file << header(table.columns);
    write_values(file, table.values.detach().to(torch::kCPU));
    file.flush();
    if (!file) throw base::IoError(path + ": could not be written; is the disk full?");
  });
}

}  // namespace tropism::io
