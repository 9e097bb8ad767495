// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include <tropism/control/episode.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::control {

/// An episode, step by step.
class Recording {
 public:
  /// @param action   the same tensor as `mean` unless actions are sampled
  void act(const torch::Tensor& mean, const torch::Tensor& action);
  void arrive(const torch::Tensor& state) { states_.push_back(state); }
  /// Notes what `look` sees, and how long it takes.
  void observe(const std::function<score::Observation()>& look);
  /// Takes out the earliest step; all but the rewards and what is said of all steps together.
  [[nodiscard]] Episode take_step();
  /// All but the rewards; of the steps, those that were not taken out.
  [[nodiscard]] Episode finish();

 private:
  void note(const score::Observation& seen);

  Episode episode_;
  std::vector<torch::Tensor> states_, actions_, means_, scores_, score_noise_, log_tilts_,
      tilt_gradients_;
  torch::Tensor sample_size_;
  std::int64_t observations_ = 0;
};

}  // namespace tropism::control
