// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "config.hpp"
#include "toml_reader.hpp"

namespace tropism::app {

/// One key of the configuration: what it is called, what it means, and where its value lives.
struct Field {
  std::string key;
  std::string description;  // with unit and range; the default is added by whoever prints it
  std::variant<bool*, int*, std::int64_t*, double*, std::string*, std::vector<double>*> value;
};

struct Section {
  std::string name;
  std::string description;
  std::vector<Field> fields;
};

/// Every section and key there is, bound to `config`, which must outlive them. The one table that
/// the command line, the reading and writing of files, and `--help` come from.
[[nodiscard]] std::vector<Section> bind(Config& config);

/// What a value of this field is called in help: TEXT, INTEGER, REAL, true|false, REAL,REAL,...
[[nodiscard]] std::string type_name(const Field& field);

/// The value as a file spells it.
[[nodiscard]] std::string value_text(const Field& field);

/// Assigns a value that stood in a file.
/// @throws ConfigError   a sentence that begins with `[section] key`, if the type is not the
/// field's
void assign(const std::string& section, const Field& field, const TomlValue& value);

/// Assigns a value that stood on the command line, where strings have no quotes and lists no
/// brackets.
void assign(const std::string& section, const Field& field, const std::string& argument);

}  // namespace tropism::app
