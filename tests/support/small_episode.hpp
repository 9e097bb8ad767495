// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cmath>
#include <memory>

#include <tropism/control/q_learning.hpp>

#include "support/fields.hpp"
#include "support/tensors.hpp"

namespace tropism::test {

/// f = 1, g^2 = 2.25, T = 1.5: all numbers of the steps are exact in float32.
inline control::Environment small_environment(std::vector<double> noise_times = {1.5, 1.0, 0.5,
                                                                                 0.0}) {
  return {.process = std::make_shared<diffusion::OrnsteinUhlenbeck>(1.5, 1.0, 1.5),
          .grid = diffusion::TimeGrid(std::move(noise_times)),
          .simulator = diffusion::make_simulator({}),
          .dimension = 2};
}

/// Double-precision normal numbers of any shape.
inline torch::Tensor normal_tensor(torch::IntArrayRef shape, std::int64_t set) {
  return normal_points(c10::multiply_integers(shape), 1, set).view(shape).to(torch::kFloat64);
}

/// K = 3 steps of B = 4 trajectories with D = 2; arbitrary numbers, in double precision.
inline control::Episode small_episode(std::int64_t K = 3, std::int64_t B = 4) {
  control::Episode episode;
  episode.states = normal_tensor({K + 1, B, 2}, 11);
  episode.actions = normal_tensor({K, B, 2}, 12);
  episode.scores = normal_tensor({K, B, 2}, 13);
  episode.log_tilt = normal_tensor({K, B}, 14);
  episode.tilt_gradient = normal_tensor({K, B, 2}, 15);
  episode.rewards = normal_tensor({B}, 16);
  episode.effective_sample_size = torch::ones({B});
  return episode;
}

inline std::shared_ptr<const network::NoisedGaussianFit> standard_fit(
    std::shared_ptr<const diffusion::ForwardProcess> process, std::int64_t dimension) {
  return std::make_shared<network::NoisedGaussianFit>(
      std::move(process), network::Moments{torch::zeros({dimension}), 1.0});
}

/// A value function whose network is a formula of (t, y).
inline control::ValueFunction formula_value(const control::Environment& environment,
                                            const std::string& form,
                                            std::shared_ptr<const network::Field> network) {
  control::ValueConfig config;
  config.form = form;
  config.inputs = "raw";
  return {config,
          1.0,
          nullptr,
          standard_fit(environment.process, environment.dimension),
          std::move(network),
          nullptr};
}

/// A policy mean that is a tensor of numbers, whatever the state: each state has its own.
inline std::shared_ptr<const score::ScoreFunction> tabular_mean(const torch::Tensor& numbers) {
  return score_function([numbers](const torch::Tensor&, const torch::Tensor&) { return numbers; });
}

}  // namespace tropism::test
