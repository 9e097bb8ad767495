// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <memory>

#include <tropism/data/synthetic.hpp>
#include <tropism/score/ratio_data.hpp>
#include <tropism/training/trainer.hpp>

namespace tropism::test {

constexpr std::int64_t small_training_rows = 600;  // more than one block of a reproducible sum

inline training::TrainerConfig small_training_config() {
  training::TrainerConfig config;
  config.run = {.directory = "none", .seed = 3, .episodes = 6, .batch = 100};
  config.optimizer.learning_rate = 1e-2;
  config.value.network = "mlp";
  config.value.mlp = {.width = 6, .depth = 1, .activation = "silu"};
  config.value.warmup = 1;
  config.value.ramp = 1;
  return config;
}

/// The 1-D mixture with a quadratic reward, on networks so small that an episode takes
/// milliseconds.
class SmallTraining {
 public:
  /// @param scope    global: each rank holds its share of the rows only
  /// @param device   that computes networks and score estimates
  SmallTraining(const comm::Communicator& comm, const training::TrainerConfig& config,
                score::Scope scope = score::Scope::local, int width = 6,
                torch::Device device = torch::kCPU)
      : networks(std::make_shared<control::ActorCritic>(setting(config, width, device))),
        trainer(comm, config, environment(config), networks,
                std::make_shared<control::Unconditional>(family(comm, config, scope, device))) {}

  [[nodiscard]] torch::Tensor weights() const {
    std::vector<torch::Tensor> flat;
    for (const auto& parameter : networks->parameters())
      flat.push_back(parameter.detach().reshape(-1));
    return torch::cat(flat);
  }

  void advance(int episodes) {
    for (int i = 0; i < episodes; ++i) trainer.advance(false);
  }

  std::shared_ptr<control::ActorCritic> networks;
  training::Trainer trainer;

 private:
  static std::shared_ptr<const diffusion::ForwardProcess> process() {
    return diffusion::make_process({});
  }

  static std::shared_ptr<const reward::Reward> reward_near_3() {
    return reward::make_reward({.kind = "quadratic", .beta = 0.5, .target = {3.0}}, 1);
  }

  static control::ModelSetting setting(const training::TrainerConfig& config, int width,
                                       torch::Device device) {
    control::ModelSetting model;
    model.policy.mlp = {.width = width, .depth = 1, .activation = "silu"};
    model.value = config.value;
    model.beta = 0.5;
    model.reward = reward_near_3();
    model.process = process();
    model.moments = {torch::zeros({1}), 10.0};
    model.device = device;
    return model;
  }

  static control::Environment environment(const training::TrainerConfig& config) {
    return {.process = process(),
            .grid = diffusion::make_time_grid({.steps = 4}, *process()),
            .simulator = diffusion::make_simulator({}),
            .seed = static_cast<std::uint64_t>(config.run.seed)};
  }

  static std::shared_ptr<const score::RatioSetting> family(const comm::Communicator& comm,
                                                           const training::TrainerConfig& config,
                                                           score::Scope scope,
                                                           torch::Device device) {
    const bool exact = config.run.reproducible;
    const std::int64_t block = exact ? score::reproducible_block_rows : 0;
    auto x = data::mixture_1d(small_training_rows, 4).x;
    if (scope == score::Scope::global) {
      const auto mine = comm::split_rows(small_training_rows, comm.size(), comm.rank(),
                                         std::max<std::int64_t>(block, 1));
      x = x.narrow(0, mine.first, mine.count);
    }
    const auto log_weights = reward_near_3()->evaluate(x) * 0.25;
    return std::make_shared<score::RatioSetting>(score::RatioSetting{
        &comm, process(),
        std::make_shared<score::RatioData>(
            comm, scope, score::DataRows{.x = x, .log_weights = log_weights, .device = device},
            torch::zeros({1}), block),
        score::ScoreConfig{}, base::RandomStream(3, base::Purpose::estimator_rows),
        exact ? score::Summation::exact : score::Summation::running,
        exact ? training::reproducible_micro_batch : 0});
  }
};

}  // namespace tropism::test
