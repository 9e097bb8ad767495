// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tropism::base {

/// A value as a config file spells it. Real numbers have as many digits as it takes to read the
/// same bits back, and a point or an exponent; strings are quoted.
[[nodiscard]] std::string config_text(bool value);
[[nodiscard]] std::string config_text(std::int64_t value);
[[nodiscard]] std::string config_text(double value);
[[nodiscard]] std::string config_text(const std::string& value);
std::string config_text(const char* value) = delete;  // would become a bool
[[nodiscard]] std::string config_text(const std::vector<double>& value);

// What the validate() of the config structs is made of. All throw ConfigError with a sentence that
// begins with `[section] key`: the reader of config files adds the file and the line by it.

/// @param value   as a config file spells it (config_text)
/// @param must    completes "it must be ..."
[[noreturn]] void refuse_value(const std::string& section, const std::string& key,
                               const std::string& value, const std::string& must);

/// value >= least
void check_at_least(const std::string& section, const std::string& key, std::int64_t value,
                    std::int64_t least);

/// Finite and > 0.
void check_positive(const std::string& section, const std::string& key, double value);

/// Finite and >= 0.
void check_not_negative(const std::string& section, const std::string& key, double value);

/// In [0, 1).
void check_fraction(const std::string& section, const std::string& key, double value);

/// One of the names; a misspelt one is told the nearest.
void check_one_of(const std::string& section, const std::string& key, const std::string& value,
                  const std::vector<std::string>& allowed);

/// All numbers finite.
void check_finite(const std::string& section, const std::string& key,
                  const std::vector<double>& values);

}  // namespace tropism::base
