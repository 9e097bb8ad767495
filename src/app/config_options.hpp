// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "binding.hpp"
#include "config.hpp"

namespace CLI {
class App;
}

namespace tropism::app {

/// The configuration on a verb's command line: `--config FILE`, and every section as a sub-command
/// whose options are its keys: `tropism train --config run.toml optimizer --learning_rate 3e-4`.
/// Make it before `parse`, ask it afterwards; it must outlive the parsing. The verb's help ends
/// with config_help().
class ConfigOptions {
 public:
  explicit ConfigOptions(CLI::App& app);
  ConfigOptions(const ConfigOptions&) = delete;  // the app's options point here
  ConfigOptions& operator=(const ConfigOptions&) = delete;
  ~ConfigOptions() = default;

  /// Defaults, then the file, then the command line; valid. @throws ConfigError
  [[nodiscard]] Config read() const;

  /// The value of `--config`; empty if it was not given.
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  struct Argument {
    std::string section;
    std::string key;
    std::string text;
  };

  void add_section(CLI::App& app, const Section& section);
  void refuse_unknown_arguments() const;

  const CLI::App& app_;
  std::string path_;
  std::vector<Argument> arguments_;
};

/// Every section and key with type, meaning and default: the last part of `--help`.
[[nodiscard]] std::string config_help();

}  // namespace tropism::app
