// SPDX-License-Identifier: MIT
#include "toml_reader.hpp"

#include <algorithm>
#include <map>
#include <string_view>

#include <tropism/base/config_check.hpp>
#include <tropism/base/error.hpp>

namespace tropism::app {
namespace {

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool ends_bare_value(char c) {
  constexpr std::string_view ends = " \t\r\n#,]=\"'";
  return ends.find(c) != std::string_view::npos;
}

/// UTF-8 of a code point below U+10000 (that is what \uXXXX can name).
std::string utf8(unsigned code) {
  const auto byte = [](unsigned bits) {
    return static_cast<char>(static_cast<unsigned char>(bits));
  };
  if (code < 0x80) return {byte(code)};
  if (code < 0x800) return {byte(0xC0 | (code >> 6)), byte(0x80 | (code & 0x3F))};
  return {byte(0xE0 | (code >> 12)), byte(0x80 | ((code >> 6) & 0x3F)), byte(0x80 | (code & 0x3F))};
}

/// One pass over the text; each function leaves `position_` behind what it read.
class TomlReader {
 public:
  TomlReader(const std::string& text, const std::string& name) : text_(text), name_(name) {
    if (text_.starts_with("\xEF\xBB\xBF")) position_ = 3;  // byte-order mark
  }

  std::vector<TomlEntry> read() {
    for (skip_blank_lines(); !at_end(); skip_blank_lines()) {
      if (next() == '[') {
        read_section();
      } else {
        read_entry();
      }
      expect_end_of_line();
    }
    return entries_;
  }

 private:
  [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
  [[nodiscard]] char next() const { return at_end() ? '\n' : text_[position_]; }
  [[nodiscard]] bool at_line_end() const {
    return next() == '\n' ||
           (next() == '\r' && (position_ + 1 >= text_.size() || text_[position_ + 1] == '\n'));
  }

  [[noreturn]] void fail(const std::string& sentence) const {
    throw base::ConfigError(name_ + ":" + std::to_string(line_) + ": " + sentence);
  }

  void advance() {
    if (next() == '\n') ++line_;
    ++position_;
  }

  void skip_spaces() {
    while (next() == ' ' || next() == '\t') advance();
  }

  void skip_comment() {
    skip_spaces();
    if (next() != '#') return;
    while (!at_end() && next() != '\n') advance();
  }

  void skip_blank_lines() {
    for (skip_comment(); !at_end() && at_line_end(); skip_comment()) advance();
  }

  void expect_end_of_line() {
    skip_comment();
    if (at_end() || at_line_end()) return;
    fail("After " + last_read_ + " this is left over: " + rest_of_line() +
         ". There is one section or one key on a line, and comments begin with #.");
  }

  [[nodiscard]] std::string rest_of_line() const {
    const std::string rest =
        text_.substr(position_, text_.find_first_of("\r\n", position_) - position_);
    return base::config_text(rest.substr(0, 40));
  }

  std::string read_name() {
    const std::size_t first = position_;
    while (is_key_character(next())) advance();
    return text_.substr(first, position_ - first);
  }

  void read_section() {
    advance();
    skip_spaces();
    section_ = read_name();
    skip_spaces();
    if (section_.empty() || next() != ']')
      fail("A section is written as [name], for instance [run].");
    advance();
    last_read_ = "[" + section_ + "]";
    refuse_repetition(last_read_);
    entries_.push_back({section_, "", {}, line_});
  }

  void read_entry() {
    const std::string key = read_name();
    skip_spaces();
    if (key.empty() || next() != '=') {
      fail("Here stands " + base::config_text(key) + " and " + rest_of_line() +
           ", which is neither [section] nor key = value.");
    }
    if (section_.empty()) fail("The key " + key + " stands before any [section].");
    advance();
    skip_spaces();
    last_read_ = "[" + section_ + "] " + key;
    refuse_repetition(last_read_);
    const int line = line_;
    entries_.push_back({section_, key, read_value(), line});
  }

  void refuse_repetition(const std::string& what) {
    const auto [first, is_new] = first_lines_.emplace(what, line_);
    if (is_new) return;
    fail(what + " stands here a second time: the first is on line " +
         std::to_string(first->second) + ". Remove one of them.");
  }

  TomlValue read_value() {
    if (next() == '"') return {TomlValue::Kind::text, read_basic_string(), {}};
    if (next() == '\'') return {TomlValue::Kind::text, read_literal_string(), {}};
    if (next() == '[') return {TomlValue::Kind::list, "", read_list()};
    return {TomlValue::Kind::bare, read_bare(), {}};
  }

  std::string read_bare() {
    const std::size_t first = position_;
    while (!at_end() && !ends_bare_value(next())) advance();
    if (position_ == first)
      fail(last_read_ + " has no value that can be read: " + rest_of_line() + ".");
    return text_.substr(first, position_ - first);
  }

  void expect_inside_string() const {
    if (at_end() || at_line_end())
      fail(last_read_ + " is a string whose closing quote is missing.");
  }

  std::string read_literal_string() {
    advance();
    const std::size_t first = position_;
    for (; next() != '\''; advance()) expect_inside_string();
    advance();
    return text_.substr(first, position_ - 1 - first);
  }

  std::string read_basic_string() {
    std::string value;
    for (advance(); next() != '"'; advance()) {
      expect_inside_string();
      value += next() == '\\' ? read_escape() : std::string(1, next());
    }
    advance();
    return value;
  }

  /// Leaves the position on the last character of the escape.
  std::string read_escape() {
    advance();
    constexpr std::string_view names = "\"\\ntrbf";
    constexpr std::string_view meanings = "\"\\\n\t\r\b\f";
    const auto which = names.find(next());
    if (which != std::string_view::npos) return {meanings[which]};
    if (next() != 'u') {
      fail(last_read_ + " has a backslash before " + base::config_text(std::string(1, next())) +
           ": write \\\\ for a backslash, or put the string in single quotes.");
    }
    return read_code_point();
  }

  std::string read_code_point() {
    const std::string digits = text_.substr(position_ + 1, 4);
    const auto is_hex = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
    if (digits.size() != 4 || !is_hex)
      fail(last_read_ + " has a \\u without four hexadecimal digits.");
    position_ += 4;
    return utf8(static_cast<unsigned>(std::stoul(digits, nullptr, 16)));
  }

  void skip_to_list_item() {
    skip_blank_lines();
    if (at_end()) fail("The list of " + last_read_ + " has no closing ].");
  }

  std::vector<std::string> read_list() {
    std::vector<std::string> items;
    advance();
    for (skip_to_list_item(); next() != ']'; skip_to_list_item()) {
      items.push_back(read_bare());
      skip_to_list_item();
      if (next() == ',') {
        advance();
      } else if (next() != ']') {
        fail("The list of " + last_read_ + " needs a comma or ] before " + rest_of_line() + ".");
      }
    }
    advance();
    return items;
  }

  const std::string& text_;
  const std::string& name_;
  std::size_t position_ = 0;
  int line_ = 1;
  std::string section_;
  std::string last_read_;
  std::map<std::string, int> first_lines_;
  std::vector<TomlEntry> entries_;
};

}  // namespace

std::vector<TomlEntry> read_toml(const std::string& text, const std::string& name) {
  return TomlReader(text, name).read();
}

}  // namespace tropism::app
