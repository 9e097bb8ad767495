// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tropism/training/checkpoint.hpp>

#include "config.hpp"
#include "experiment.hpp"

namespace tropism::app {

/// A checkpoint, and the networks with its weights.
struct LoadedModel {
  Config config;
  training::Checkpoint checkpoint;
  Model model;
};

/// @param weights   of the policy: average | latest; the value network has its latest
/// @param device    that computes the networks, whatever they were trained on
/// @throws IoError, ConfigError
[[nodiscard]] LoadedModel load_model(const std::string& path, const std::string& weights,
                                     torch::Device device = torch::kCPU);

}  // namespace tropism::app
