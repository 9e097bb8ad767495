// SPDX-License-Identifier: MIT
#include "mixture_options.hpp"

#include <charconv>
#include <sstream>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>

#include "toml_reader.hpp"

namespace tropism::app {
namespace {

double number(std::string text, const std::string& where) {
  text.erase(0, text.find_first_not_of(" \n"));
  text.erase(text.find_last_not_of(" \n") + 1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    throw base::ConfigError(where + ": \"" + text + "\" is not a number.");
  return value;
}

std::vector<double> numbers(const std::string& text, const std::string& where) {
  std::vector<double> values;
  std::istringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) values.push_back(number(item, where));
  return values;
}

std::vector<double> numbers(const TomlEntry& entry, const std::string& where) {
  if (entry.value.kind != TomlValue::Kind::list)
    throw base::ConfigError(where + ": [mixture] " + entry.key +
                            " is a list of numbers, for instance [0.3, 0.7].");
  std::vector<double> values;
  for (const auto& item : entry.value.items) values.push_back(number(item, where));
  return values;
}

void take(MixtureText& mixture, const TomlEntry& entry, const std::string& where) {
  if (entry.key == "weights") {
    mixture.weights = numbers(entry, where);
  } else if (entry.key == "stds") {
    mixture.stds = numbers(entry, where);
  } else if (entry.key == "means" && entry.value.kind == TomlValue::Kind::text) {
    mixture.means = entry.value.text;
  } else {
    throw base::ConfigError(
        where + ": [mixture] " + entry.key +
        " is not understood; weights and stds are lists of numbers, means is a text such as "
        "\"-3,0; 3,1\".");
  }
}

}  // namespace

MixtureText read_mixture_file(const std::string& path) {
  MixtureText mixture;
  for (const auto& entry : read_toml(io::read_text_file(path), path))
    if (entry.section == "mixture" && !entry.key.empty())
      take(mixture, entry, path + ":" + std::to_string(entry.line));
  if (mixture.means.empty()) throw base::ConfigError(path + ": section [mixture] has no means.");
  return mixture;
}

data::MixtureConfig parse_mixture(const MixtureText& text) {
  data::MixtureConfig config = {.weights = text.weights, .means = {}, .stds = text.stds};
  std::istringstream stream(text.means);
  for (std::string mean; std::getline(stream, mean, ';');)
    config.means.push_back(numbers(mean, "The means"));
  if (config.means.empty())
    throw base::ConfigError("A mixture needs its means: --means \"-3,0; 3,1\".");
  if (config.weights.empty()) config.weights.assign(config.means.size(), 1.0);
  if (config.stds.empty()) config.stds = {1.0};
  if (config.stds.size() == 1) config.stds.assign(config.means.size(), config.stds[0]);
  config.validate();
  return config;
}

}  // namespace tropism::app
