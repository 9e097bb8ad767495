// SPDX-License-Identifier: MIT
#include "loaded_model.hpp"

namespace tropism::app {
namespace {

void put_weights(const LoadedModel& loaded, const std::string& which) {
  const torch::NoGradGuard no_grad;
  training::Checkpoint::Named all, policy;
  for (const auto& parameter : loaded.model.networks->named_parameters()) {
    all.emplace_back(parameter.key(), parameter.value());
    if (parameter.key().rfind("policy.", 0) == 0) policy.push_back(all.back());
  }
  training::copy_by_name(loaded.checkpoint.parameters, all, "The checkpoint");
  if (which == "average")
    training::copy_by_name(loaded.checkpoint.policy_average, policy, "The checkpoint");
}

}  // namespace

LoadedModel load_model(const std::string& path, const std::string& weights, torch::Device device) {
  auto checkpoint = training::load_checkpoint(path);
  auto config = parse_config(checkpoint.config, path + ":/config");
  auto model = make_model(config, checkpoint.data, device);
  LoadedModel loaded = {std::move(config), std::move(checkpoint), std::move(model)};
  put_weights(loaded, weights);
  return loaded;
}

}  // namespace tropism::app
