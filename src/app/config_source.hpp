// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include "binding.hpp"
#include "config.hpp"

namespace tropism::app {

/// A config in the making: defaults, then what files say, then what the command line says. It
/// remembers where each value came from, so that a value refused later can be found.
class ConfigSource {
 public:
  ConfigSource() : sections_(bind(config_)) {}
  ConfigSource(const ConfigSource&) = delete;  // sections_ points into config_
  ConfigSource& operator=(const ConfigSource&) = delete;
  ~ConfigSource() = default;

  void apply_file(const std::string& path);
  void apply_text(const std::string& text, const std::string& name);
  void apply_argument(const std::string& section, const std::string& key,
                      const std::string& argument);

  /// @throws ConfigError   if the whole is not valid
  [[nodiscard]] Config finish() const;

 private:
  Config config_;
  std::vector<Section> sections_;
  std::map<std::string, std::string> origins_;  // "[section] key" -> "path:line"
};

}  // namespace tropism::app
