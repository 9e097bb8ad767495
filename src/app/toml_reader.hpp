// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace tropism::app {

/// The value of a key as it is written. What it means is up to the key's type.
struct TomlValue {
  enum class Kind { bare, text, list };
  Kind kind = Kind::bare;
  std::string text;  // bare: a number or true or false; text: what is between the quotes
  std::vector<std::string> items;  // list: bare values
};

/// `key = value` somewhere below `[section]`, or the line `[section]` itself.
struct TomlEntry {
  std::string section;
  std::string key;  // empty for the line [section]
  TomlValue value;
  int line = 0;  // from 1
};

/// What a configuration needs of TOML 1.0: `[section]`, `key = value`, comments, basic and literal
/// strings, and lists of numbers, over several lines too. CLI11's own reader is not used: it cuts
/// strings at a `#`, merges repeated keys, turns a line without `=` into `true`, and has no lines.
///
/// @param name   of the file, for messages
/// @throws ConfigError   `name:line: ` and a sentence: a malformed line, a repeated section or key,
///                       a key outside of all sections, the rest of TOML
[[nodiscard]] std::vector<TomlEntry> read_toml(const std::string& text, const std::string& name);

}  // namespace tropism::app
