// SPDX-License-Identifier: MIT
#include "config_options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "config_source.hpp"

#include <tropism/base/error.hpp>
#include <tropism/base/nearest_name.hpp>

namespace tropism::app {
namespace {

std::string padded(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width - 1, text.size()), ' ');
}

std::string help_of(const Field& field) {
  return "  " + padded(field.key + " " + type_name(field), 30) + field.description + " [" +
         value_text(field) + "]\n";
}

std::string help_of(const Section& section) {
  std::string text = "[" + section.name + "] " + section.description + "\n";
  for (const auto& field : section.fields) text += help_of(field);
  return text;
}

/// "--key=value" -> "key"
std::string bare_name(const std::string& argument) {
  const auto first = argument.find_first_not_of('-');
  if (first == std::string::npos) return argument;
  return argument.substr(first, argument.find('=') - first);
}

/// Where the key, or one much like it, would be known: "optimizer --learning_rate or ...".
std::string places_of(const std::string& key) {
  Config defaults;
  std::vector<std::string> keys;
  const auto sections = bind(defaults);
  for (const auto& section : sections)
    for (const auto& field : section.fields) keys.push_back(field.key);
  const std::string nearest = base::nearest_name(key, keys);
  std::vector<std::string> places;
  for (const auto& section : sections)
    for (const auto& field : section.fields)
      if (field.key == nearest) places.push_back("`" + section.name + " --" + nearest + " VALUE`");
  return base::join_choices(places);
}

}  // namespace

std::string config_help() {
  Config defaults;
  std::string text =
      "Config keys: below [section] in FILE as `key = value`, or on the command line, which\n"
      "overrides the file, as `section --key value`. Type, meaning and [default]:\n";
  for (const auto& section : bind(defaults)) text += "\n" + help_of(section);
  return text;
}

ConfigOptions::ConfigOptions(CLI::App& app) : app_(app) {
  app.add_option("--config", path_, "TOML file of the configuration; its keys are listed below")
      ->type_name("FILE");
  Config defaults;
  for (const auto& section : bind(defaults)) add_section(app, section);
  app.allow_extras();  // refused by read(), which knows what may have been meant
}

void ConfigOptions::add_section(CLI::App& app, const Section& section) {
  auto* command = app.add_subcommand(section.name, section.description);
  command->group("");  // the footer of --help lists sections with their keys
  command->fallthrough();
  for (const auto& field : section.fields) {
    const auto keep = [this, name = section.name, key = field.key](const std::string& text) {
      arguments_.push_back({name, key, text});
    };
    command->add_option_function<std::string>("--" + field.key, keep, field.description)
        ->type_name(type_name(field))
        ->default_str(value_text(field));
  }
}

void ConfigOptions::refuse_unknown_arguments() const {
  const auto unknown = app_.remaining(true);
  if (unknown.empty()) return;
  const std::string places = places_of(bare_name(unknown.front()));
  throw base::ConfigError(app_.get_name() + " does not know the argument " + unknown.front() +
                          ". " + (places.empty() ? "" : "Did you mean " + places + "? ") + "`" +
                          app_.get_name() + " --help` lists all options and config keys.");
}

Config ConfigOptions::read() const {
  refuse_unknown_arguments();
  ConfigSource source;
  if (!path_.empty()) source.apply_file(path_);
  for (const auto& argument : arguments_) {
    source.apply_argument(argument.section, argument.key, argument.text);
  }
  return source.finish();
}

}  // namespace tropism::app
