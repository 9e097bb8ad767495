// SPDX-License-Identifier: MIT
#include "config.hpp"

#include <tropism/base/config_check.hpp>

#include "binding.hpp"
#include "config_source.hpp"

namespace tropism::app {
namespace {

std::string as_toml(const Section& section) {
  std::string text = "[" + section.name + "]  # " + section.description + "\n";
  for (const auto& field : section.fields) {
    const std::string assignment = field.key + " = " + value_text(field);
    constexpr std::size_t column_of_comments = 40;
    const std::size_t used = std::min(assignment.size() + 2, column_of_comments);
    text += assignment + "  " + std::string(column_of_comments - used, ' ') + "# " +
            field.description + "\n";
  }
  return text;
}

}  // namespace

void Config::validate() const {
  run.validate();
  data.validate();
  process.validate();
  time_grid.validate();
  simulator.validate();
  score.validate();
  policy.validate();
  value.validate();
  reward.validate();
  context.validate();
  algorithm.validate();
  optimizer.validate();
  average.validate();
  checkpoint.validate();
  if (score.pruning > 0.0 && run.reproducible)
    base::refuse_value("score", "pruning", base::config_text(score.pruning),
                       "0 with [run] reproducible = true, for what is left out depends on how rows "
                       "are dealt to ranks");
  if (algorithm.updates > time_grid.steps)
    base::refuse_value("algorithm", "updates", base::config_text(std::int64_t{algorithm.updates}),
                       "at most [time_grid] steps, for each update learns from other time steps");
}

Config read_config(const std::string& path) {
  ConfigSource source;
  source.apply_file(path);
  return source.finish();
}

Config parse_config(const std::string& text, const std::string& name) {
  ConfigSource source;
  source.apply_text(text, name);
  return source.finish();
}

std::string to_toml(const Config& config) {
  Config copy = config;  // bind() needs one that may be written to
  std::string text;
  for (const auto& section : bind(copy)) text += (text.empty() ? "" : "\n") + as_toml(section);
  return text;
}

}  // namespace tropism::app
