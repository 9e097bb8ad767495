// SPDX-License-Identifier: MIT
#include "text_table.hpp"

#include <algorithm>
#include <cstdio>

namespace tropism::app {
namespace {

/// Characters of UTF-8 text, not bytes.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned>(c) & 0xC0U) != 0x80U;
  }));
}

std::vector<std::size_t> widths_of(const std::vector<Cells>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], width_of(line[i]));
  return widths;
}

std::string aligned(const Cells& line, const std::vector<std::size_t>& widths) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string gap(widths[i] - width_of(line[i]), ' ');
    text += i == 0 ? line[i] + gap : "  " + gap + line[i];
  }
  return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
}

std::string formatted(const char* format, int digits, double number) {
  char text[64];
  std::snprintf(text, sizeof text, format, digits, number);
  return text;
}

}  // namespace

std::string text_table(const std::vector<Cells>& lines) {
  const auto widths = widths_of(lines);
  std::size_t total = 2 * (widths.size() - 1);
  for (const auto width : widths) total += width;
  std::string text = aligned(lines.front(), widths) + std::string(total, '-') + "\n";
  for (std::size_t i = 1; i < lines.size(); ++i) text += aligned(lines[i], widths);
  return text;
}

std::string significant(double number, int digits) {
  return formatted("%.*g", digits, number);
}

std::string scientific(double number, int digits) {
  return formatted("%.*e", digits - 1, number);
}

std::string with_standard_error(double number, double standard_error) {
  return scientific(number, 4) + " ± " + scientific(standard_error, 2);
}

}  // namespace tropism::app
