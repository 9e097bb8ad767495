// SPDX-License-Identifier: MIT
#include <algorithm>

#include <tropism/evaluation/reward_summary.hpp>
#include <tropism/reward/reward.hpp>

#include "swiss_roll_study.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

int episodes_of(Recipe recipe, const ReproduceSetting& setting) {
  if (setting.episodes) return *setting.episodes;
  const bool quick = setting.effort == Effort::quick;
  if (recipe == Recipe::published) return quick ? 1000 : 50000;
  return quick ? 125 : 1000;
}

/// Tables 1 and 2 of [GZZ24]; what they leave open as in jobs/configs/swiss-roll.toml.
void set_as_published(Config& config) {
  config.time_grid = {.kind = "uniform", .steps = 20};
  config.score.floor = 1e-20;
  config.policy.mlp = {.width = 64, .depth = 2, .activation = "tanh+relu"};
  config.policy.mean = "plain";
  config.value.network = "mlp";
  config.value.mlp = config.policy.mlp;
  config.value.form = "plain";
  config.value.inputs = "raw";
  config.value.target = "temporal-difference";
  config.value.warmup = config.value.ramp = 0;
  config.value.gradient_limit = 0.0;
  config.algorithm.policy_update = config.algorithm.actions = "sampled";
  config.algorithm.temperature = 5.0;
  config.optimizer.learning_rate = config.optimizer.value_learning_rate = 1e-3;
  config.optimizer.schedule = "constant";
  config.optimizer.clip_norm = 0.0;
  config.average.decay = 0.0;
}

}  // namespace

std::string name_of(Recipe recipe) {
  return recipe == Recipe::published ? "published" : "best";
}

Config swiss_roll_config(Recipe recipe, const ReproduceSetting& setting) {
  Config config;
  config.run.episodes = episodes_of(recipe, setting);
  config.run.batch = 300;
  config.run.report_every = std::max(1, config.run.episodes / 40);
  config.process.terminal_time = 5.0;
  config.time_grid = {.kind = "log-snr", .steps = 50};
  config.optimizer.clip_norm = 30.0;  // with a large beta one batch may lead astray
  config.reward.kind = "box";
  config.reward.low = {-5.0};
  config.reward.high = {6.0};
  if (recipe == Recipe::published) set_as_published(config);
  return config;
}

std::string text_of_best(const ReproduceSetting& setting) {
  const auto config = swiss_roll_config(Recipe::best, setting);
  return "steps equal in log-SNR, expected update, ten updates an episode,\npreconditioned mean of "
         "3 "
         "x 128 units, gradients of norm " +
         significant(config.optimizer.clip_norm, 3) + " at most";
}

torch::Tensor rewards_of_rows(const reward::RewardConfig& reward, const torch::Tensor& x) {
  return evaluation::rewards_of(*reward::make_reward(reward, x.size(1)), x);
}

}  // namespace tropism::app
