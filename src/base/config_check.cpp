// SPDX-License-Identifier: MIT
#include <tropism/base/config_check.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/base/nearest_name.hpp>

namespace tropism::base {
namespace {

// What TOML's basic strings must escape.
std::string escaped(char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto code = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') return {'\\', c};
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (code >= 0x20 && code != 0x7F) return {c};
  return std::string("\\u00") + digits[code / 16U] + digits[code % 16U];
}

std::vector<std::string> quoted(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const auto& name : names) result.push_back(config_text(name));
  return result;
}

}  // namespace

std::string config_text(bool value) {
  return value ? "true" : "false";
}

std::string config_text(std::int64_t value) {
  return std::to_string(value);
}

std::string config_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 32> buffer = {};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  const std::string text(buffer.data(), end);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string config_text(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) text += escaped(c);
  return text + '"';
}

std::string config_text(const std::vector<double>& value) {
  std::string text = "[";
  for (std::size_t i = 0; i < value.size(); ++i) {
    text += (i == 0 ? "" : ", ") + config_text(value[i]);
  }
  return text + ']';
}

void refuse_value(const std::string& section, const std::string& key, const std::string& value,
                  const std::string& must) {
  throw ConfigError("[" + section + "] " + key + " = " + value + " makes no sense: it must be " +
                    must + ".");
}

void check_at_least(const std::string& section, const std::string& key, std::int64_t value,
                    std::int64_t least) {
  if (value >= least) return;
  refuse_value(section, key, config_text(value),
               "a whole number of at least " + config_text(least));
}

void check_positive(const std::string& section, const std::string& key, double value) {
  if (std::isfinite(value) && value > 0.0) return;
  refuse_value(section, key, config_text(value), "a finite number greater than 0");
}

void check_not_negative(const std::string& section, const std::string& key, double value) {
  if (std::isfinite(value) && value >= 0.0) return;
  refuse_value(section, key, config_text(value), "a finite number of at least 0");
}

void check_fraction(const std::string& section, const std::string& key, double value) {
  if (value >= 0.0 && value < 1.0) return;
  refuse_value(section, key, config_text(value), "a number of at least 0 and less than 1");
}

void check_one_of(const std::string& section, const std::string& key, const std::string& value,
                  const std::vector<std::string>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  const std::string nearest = nearest_name(value, allowed);
  const std::string hint = nearest.empty() ? "" : " (did you mean " + config_text(nearest) + "?)";
  refuse_value(section, key, config_text(value), join_choices(quoted(allowed)) + hint);
}

void check_finite(const std::string& section, const std::string& key,
                  const std::vector<double>& values) {
  const auto is_finite = [](double value) { return std::isfinite(value); };
  if (std::all_of(values.begin(), values.end(), is_finite)) return;
  refuse_value(section, key, config_text(values), "a list of finite numbers");
}

}  // namespace tropism::base
