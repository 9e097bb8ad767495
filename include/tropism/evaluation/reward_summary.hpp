// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <optional>

#include <tropism/evaluation/moments.hpp>

namespace tropism::reward {
class Reward;
}

namespace tropism::evaluation {

/// Rewards of points, float64 [N]; evaluated in blocks of rows, without a gradient.
/// @param x   [N, D], in the units that the reward sees
/// @throws NumericalError   names the first row whose reward is not finite
[[nodiscard]] torch::Tensor rewards_of(const reward::Reward& reward, const torch::Tensor& x);

struct RewardSummary {
  Moments moments;
  std::optional<double> fraction_positive;  // share of points with h > 0; for a box: inside it
};

[[nodiscard]] RewardSummary summarise_rewards(const torch::Tensor& rewards);

}  // namespace tropism::evaluation
