// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include <tropism/training/training_config.hpp>

namespace tropism::training {

/// Adam (Kingma and Ba, 2015, Algorithm 1) on the flat buffer of policy and value parameters, each
/// with its own rate. Our own because its state must be two flat tensors: they are what a
/// checkpoint holds, whatever the version of LibTorch.
class Adam {
 public:
  /// @param policy_size   the first so many of the `size` parameters are the policy's
  Adam(const OptimizerConfig& config, std::int64_t policy_size, std::int64_t size);

  /// Clips the gradient of each network to config.clip_norm, and takes one step.
  /// @param rate_factor   the schedule's factor of both rates
  void step(torch::Tensor& values, const torch::Tensor& gradients, double rate_factor);

  torch::Tensor first_moment;   // [P]
  torch::Tensor second_moment;  // [P]
  std::int64_t steps = 0;       // taken so far

 private:
  void step_part(torch::Tensor values, const torch::Tensor& gradients, std::int64_t first,
                 double rate);

  OptimizerConfig config_;
  std::int64_t policy_size_;
};

/// The schedule's factor for an episode in [0, episodes): 1, or (1 + cos(pi episode/episodes))/2.
[[nodiscard]] double rate_factor(const OptimizerConfig& config, std::int64_t episode,
                                 std::int64_t episodes);

}  // namespace tropism::training
