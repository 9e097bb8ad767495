// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tropism/control/actor_critic.hpp>
#include <tropism/diffusion/diffusion_config.hpp>
#include <tropism/score/score_signal.hpp>
#include <tropism/training/data_summary.hpp>
#include <tropism/training/trainer.hpp>

namespace tropism::benchmark {

/// All that a trainer is made of.
struct Problem {
  std::string name;
  data::Dataset data;
  training::TrainerConfig config;
  control::PolicyConfig policy;
  diffusion::ProcessConfig process;
  score::ScoreConfig score;
  reward::RewardConfig reward;
};

/// The Swiss roll of [GZZ24], as published: jobs/configs/swiss-roll.toml.
[[nodiscard]] Problem swiss_roll();

/// As many rows, pixels and labels as the handwritten digits have, but random; the defaults else.
[[nodiscard]] Problem digits();

/// What the networks of a problem are told of its data.
[[nodiscard]] control::ModelSetting model_of(const Problem& problem,
                                             const training::DataSummary& summary);

}  // namespace tropism::benchmark
