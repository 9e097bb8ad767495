// SPDX-License-Identifier: MIT
#include "config_source.hpp"

#include <algorithm>

#include <tropism/base/error.hpp>
#include <tropism/base/nearest_name.hpp>
#include <tropism/io/atomic_file.hpp>

namespace tropism::app {
namespace {

template <typename Named, typename Name>
std::vector<std::string> names_of(const std::vector<Named>& all, Name Named::*name) {
  std::vector<std::string> names;
  for (const auto& one : all) names.push_back(one.*name);
  return names;
}

std::string hint(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = base::nearest_name(name, known);
  if (!nearest.empty()) return " Did you mean " + nearest + "?";
  std::string all;
  for (const auto& one : known) all += (all.empty() ? "" : ", ") + one;
  return " There are: " + all + ".";
}

/// A key that was put below the wrong section.
std::string home_of(const std::string& key, const std::vector<Section>& sections) {
  for (const auto& section : sections) {
    for (const auto& field : section.fields) {
      if (field.key == key) return " It is a key of [" + section.name + "].";
    }
  }
  return "";
}

const Section& find_section(const std::vector<Section>& sections, const std::string& name) {
  for (const auto& section : sections) {
    if (section.name == name) return section;
  }
  throw base::ConfigError("[" + name + "] is not a section." +
                          hint(name, names_of(sections, &Section::name)));
}

const Field& find_field(const std::vector<Section>& sections, const Section& section,
                        const std::string& key) {
  for (const auto& field : section.fields) {
    if (field.key == key) return field;
  }
  const auto home = home_of(key, sections);
  throw base::ConfigError("[" + section.name + "] " + key + " is not a key of this section." +
                          (home.empty() ? hint(key, names_of(section.fields, &Field::key)) : home));
}

/// Adds the place to a ConfigError that begins with `[section] key`, unless it has one.
[[noreturn]] void rethrow_with(const std::string& place, const base::ConfigError& error) {
  throw base::ConfigError(place + ": " + error.what());
}

/// "[section] key", as a message begins.
std::string subject_of(const std::string& message) {
  if (!message.starts_with('[')) return "";
  const auto key = message.find("] ");
  if (key == std::string::npos) return "";
  return message.substr(0, message.find_first_of(" =.:,", key + 2));
}

}  // namespace

void ConfigSource::apply_file(const std::string& path) {
  apply_text(io::read_text_file(path), path);
}

void ConfigSource::apply_text(const std::string& text, const std::string& name) {
  for (const auto& entry : read_toml(text, name)) {
    const std::string place = name + ":" + std::to_string(entry.line);
    try {
      const auto& section = find_section(sections_, entry.section);
      if (entry.key.empty()) continue;
      assign(section.name, find_field(sections_, section, entry.key), entry.value);
    } catch (const base::ConfigError& error) {
      rethrow_with(place, error);
    }
    origins_["[" + entry.section + "] " + entry.key] = place;
  }
}

void ConfigSource::apply_argument(const std::string& section, const std::string& key,
                                  const std::string& argument) {
  const std::string place = "command line";
  try {
    assign(section, find_field(sections_, find_section(sections_, section), key), argument);
  } catch (const base::ConfigError& error) {
    rethrow_with(place, error);
  }
  origins_["[" + section + "] " + key] = place;
}

Config ConfigSource::finish() const {
  try {
    config_.validate();
  } catch (const base::ConfigError& error) {
    const auto origin = origins_.find(subject_of(error.what()));
    if (origin == origins_.end()) throw;
    rethrow_with(origin->second, error);
  }
  return config_;
}

}  // namespace tropism::app
