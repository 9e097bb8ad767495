// SPDX-License-Identifier: MIT
#include <array>

#include <tropism/base/error.hpp>
#include <tropism/base/nearest_name.hpp>

#include "quality_study.hpp"

namespace tropism::app {
namespace {

struct Change {
  const char* name;
  void (*apply)(Config&);
};

void use_expected_update(Config& config) {
  config.algorithm.policy_update = "expected";
  config.algorithm.actions = "mean";
}

void use_sampled_update(Config& config, double temperature) {
  config.algorithm.policy_update = config.algorithm.actions = "sampled";
  config.algorithm.temperature = temperature;
}

int updates_of(const Config& config) {
  return config.algorithm.updates_for(config.time_grid.steps);
}

/// Temperatures are those of the sampled update: without action noise they hardly matter.
constexpr std::array<Change, 22> changes = {{
    {"config", [](Config&) {}},
    {"policy_update=expected", use_expected_update},
    {"policy_update=sampled",
     [](Config& config) { use_sampled_update(config, config.algorithm.temperature); }},
    {"temperature=0.1", [](Config& config) { use_sampled_update(config, 0.1); }},
    {"temperature=1", [](Config& config) { use_sampled_update(config, 1.0); }},
    {"temperature=5", [](Config& config) { use_sampled_update(config, 5.0); }},
    {"mean=plain", [](Config& config) { config.policy.mean = "plain"; }},
    {"mean=preconditioned", [](Config& config) { config.policy.mean = "preconditioned"; }},
    {"decay=0", [](Config& config) { config.average.decay = 0.0; }},
    {"decay=0.999", [](Config& config) { config.average.decay = 0.999; }},
    {"schedule=constant", [](Config& config) { config.optimizer.schedule = "constant"; }},
    {"schedule=cosine", [](Config& config) { config.optimizer.schedule = "cosine"; }},
    {"steps=half", [](Config& config) { config.time_grid.steps /= 2; }},
    {"steps=double", [](Config& config) { config.time_grid.steps *= 2; }},
    {"updates=1", [](Config& config) { config.algorithm.updates = 1; }},
    {"updates=double", [](Config& config) { config.algorithm.updates = 2 * updates_of(config); }},
    {"learning_rate=half", [](Config& config) { config.optimizer.learning_rate /= 2; }},
    {"learning_rate=double", [](Config& config) { config.optimizer.learning_rate *= 2; }},
    {"width=half", [](Config& config) { config.policy.mlp.width /= 2; }},
    {"width=double", [](Config& config) { config.policy.mlp.width *= 2; }},
    {"batch=half", [](Config& config) { config.run.batch /= 2; }},
    {"batch=double", [](Config& config) { config.run.batch *= 2; }},
}};

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const auto& change : changes) names.emplace_back(change.name);
  return names;
}

QualityVariant make_variant(const Config& config, const Change& change) {
  QualityVariant variant = {change.name, config};
  change.apply(variant.config);
  try {
    variant.config.validate();
  } catch (const base::ConfigError& error) {
    throw base::ConfigError("The variant " + variant.name + " makes no sense here: " +
                            error.what() + " Name others with --variants.");
  }
  return variant;
}

const Change& find_change(const std::string& name) {
  for (const auto& change : changes)
    if (name == change.name) return change;
  const auto nearest = base::nearest_name(name, all_names());
  throw base::ConfigError("There is no variant " + name + "." +
                          (nearest.empty() ? "" : " Did you mean " + nearest + "?") +
                          " The variants are: " + names_of_variants() + ".");
}

}  // namespace

std::string names_of_variants() {
  std::string all;
  for (const auto& name : all_names()) all += (all.empty() ? "" : ", ") + name;
  return all;
}

std::vector<QualityVariant> variants_of(const Config& config,
                                        const std::vector<std::string>& names) {
  std::vector<QualityVariant> variants;
  for (const auto& name : names) variants.push_back(make_variant(config, find_change(name)));
  if (!names.empty()) return variants;
  for (const auto& change : changes) {
    auto variant = make_variant(config, change);
    if (variants.empty() || to_toml(variant.config) != to_toml(config))
      variants.push_back(std::move(variant));
  }
  return variants;
}

}  // namespace tropism::app
