// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tropism/conditional/context_config.hpp>
#include <tropism/control/control_config.hpp>
#include <tropism/data/data_config.hpp>
#include <tropism/diffusion/diffusion_config.hpp>
#include <tropism/reward/reward.hpp>
#include <tropism/score/score_signal.hpp>
#include <tropism/training/training_config.hpp>

namespace tropism::app {

/// All that a run is configured by: one section of the file per struct.
struct Config {
  training::RunConfig run;
  data::DataConfig data;
  diffusion::ProcessConfig process;
  diffusion::TimeGridConfig time_grid;
  diffusion::SimulatorConfig simulator;
  score::ScoreConfig score;
  control::PolicyConfig policy;
  control::ValueConfig value;
  reward::RewardConfig reward;
  conditional::ContextConfig context;
  control::AlgorithmConfig algorithm;
  training::OptimizerConfig optimizer;
  training::AverageConfig average;
  training::CheckpointConfig checkpoint;

  /// Each section's own validate(), then what holds between sections. @throws ConfigError
  void validate() const;
};

/// The config of a TOML file, complete with defaults, valid.
/// @throws ConfigError   `path:line: ` and a sentence for what makes no sense
[[nodiscard]] Config read_config(const std::string& path);

/// The same of a text, for instance the one that a checkpoint holds.
/// @param name   stands for the path in messages
[[nodiscard]] Config parse_config(const std::string& text, const std::string& name);

/// Every section and key with its comment. parse_config gives the same config back, bit for bit.
[[nodiscard]] std::string to_toml(const Config& config);

}  // namespace tropism::app
