// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <sstream>

#include "binding.hpp"

#include <tropism/base/config_check.hpp>
#include <tropism/base/error.hpp>

namespace tropism::app {
namespace {

/// How a value is shown in a message: as it was written.
std::string as_written(const TomlValue& value) {
  if (value.kind == TomlValue::Kind::text) return base::config_text(value.text);
  if (value.kind == TomlValue::Kind::bare) return value.text;
  std::string text = "[";
  for (const auto& item : value.items) text += (text.size() == 1 ? "" : ", ") + item;
  return text + "]";
}

/// TOML allows a plus sign, and underscores between digits.
std::string plain_number(const std::string& text) {
  std::string number;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_plus = i == 0 && text[i] == '+' && text.size() > 1 && text[1] != '-';
    const bool is_separator = text[i] == '_' && i > 0 && i + 1 < text.size() &&
                              std::isdigit(static_cast<unsigned char>(text[i - 1])) != 0 &&
                              std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0;
    if (!is_plus && !is_separator) number += text[i];
  }
  return number;
}

template <typename Number>
std::from_chars_result read_whole(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  auto result = std::from_chars(text.data(), end, number);
  if (result.ec == std::errc() && result.ptr != end) result.ec = std::errc::invalid_argument;
  return result;
}

/// Assigns one value to one field; a call per type of field.
struct Assignment {
  const std::string& section;
  const std::string& key;
  const TomlValue& value;

  [[noreturn]] void refuse(const std::string& must) const {
    base::refuse_value(section, key, as_written(value), must);
  }

  void operator()(bool* target) const {
    const bool is_bare = value.kind == TomlValue::Kind::bare;
    if (!is_bare || (value.text != "true" && value.text != "false")) refuse("true or false");
    *target = value.text == "true";
  }

  template <typename Integer>
  void assign_integer(Integer* target) const {
    const char* must = "a whole number";
    if (value.kind != TomlValue::Kind::bare) refuse(must);
    Integer number = 0;
    const auto result = read_whole(plain_number(value.text), number);
    if (result.ec == std::errc::result_out_of_range) {
      refuse("a whole number of at most " +
             base::config_text(std::int64_t{std::numeric_limits<Integer>::max()}) +
             " in magnitude");
    }
    if (result.ec != std::errc()) refuse(must);
    *target = number;
  }

  void operator()(int* target) const { assign_integer(target); }
  void operator()(std::int64_t* target) const { assign_integer(target); }

  [[nodiscard]] double real_number(const std::string& text, const char* must) const {
    double number = 0.0;
    const auto result = read_whole(plain_number(text), number);
    if (result.ec == std::errc::result_out_of_range) {
      refuse("within the range of 64-bit floating-point numbers");
    }
    if (result.ec != std::errc()) refuse(must);
    return number;
  }

  void operator()(double* target) const {
    const char* must = "a number, such as 0.5 or 3e-4";
    if (value.kind != TomlValue::Kind::bare) refuse(must);
    *target = real_number(value.text, must);
  }

  void operator()(std::string* target) const {
    if (value.kind != TomlValue::Kind::text) refuse("text in quotes, such as \"name\"");
    *target = value.text;
  }

  void operator()(std::vector<double>* target) const {
    const char* must = "a list of numbers in brackets, such as [0.5, -1.0]";
    if (value.kind != TomlValue::Kind::list) refuse(must);
    std::vector<double> numbers;
    for (const auto& item : value.items) numbers.push_back(real_number(item, must));
    *target = numbers;
  }
};

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// "0.5,-1" with or without brackets. An empty list is "" or "[]".
TomlValue list_argument(std::string text) {
  text = trimmed(text);
  if (text.starts_with('[') && text.ends_with(']')) text = trimmed(text.substr(1, text.size() - 2));
  TomlValue value{TomlValue::Kind::list, "", {}};
  if (text.empty()) return value;
  std::istringstream stream(text + ",");
  for (std::string item; std::getline(stream, item, ',');) value.items.push_back(trimmed(item));
  return value;
}

TomlValue as_toml(const Field& field, const std::string& argument) {
  if (std::holds_alternative<std::vector<double>*>(field.value)) return list_argument(argument);
  const bool is_text = std::holds_alternative<std::string*>(field.value);
  return {is_text ? TomlValue::Kind::text : TomlValue::Kind::bare, argument, {}};
}

struct TypeName {
  std::string operator()(const bool*) const { return "true|false"; }
  std::string operator()(const int*) const { return "INTEGER"; }
  std::string operator()(const std::int64_t*) const { return "INTEGER"; }
  std::string operator()(const double*) const { return "REAL"; }
  std::string operator()(const std::string*) const { return "TEXT"; }
  std::string operator()(const std::vector<double>*) const { return "REAL,..."; }
};

struct ValueText {
  std::string operator()(const int* value) const { return base::config_text(std::int64_t{*value}); }
  template <typename Value>
  std::string operator()(const Value* value) const {
    return base::config_text(*value);
  }
};

}  // namespace

std::string type_name(const Field& field) {
  return std::visit(TypeName(), field.value);
}

std::string value_text(const Field& field) {
  return std::visit(ValueText(), field.value);
}

void assign(const std::string& section, const Field& field, const TomlValue& value) {
  std::visit(Assignment{section, field.key, value}, field.value);
}

void assign(const std::string& section, const Field& field, const std::string& argument) {
  assign(section, field, as_toml(field, argument));
}

}  // namespace tropism::app
