// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

namespace tropism::reward {

/// [reward]: which samples are wanted, and how much.
struct RewardConfig {
  std::string kind = "none";  // none | quadratic | box | linear | mean-intensity
  double beta = 0.0;          // >= 0: weight of the reward against the cost of leaving the data
  std::string units =
      "original";  // original | scaled: what the reward sees, see [data] and `import --scale`
  std::vector<double> target = {};   // quadratic: the wanted point, 1 or D numbers
  std::vector<double> weights = {};  // linear: one number per coordinate, or 1 for all
  std::vector<double> low = {};      // box: lower bounds of the first coordinates
  std::vector<double> high = {};     // box: upper bounds of the first coordinates
  void validate() const;
};

/// A reward h: points to numbers, finite for finite points.
class Reward {
 public:
  virtual ~Reward() = default;
  /// @param x   points, [B, D]
  /// @return    rewards, [B]; differentiable in x where the reward is
  [[nodiscard]] virtual torch::Tensor evaluate(const torch::Tensor& x) const = 0;
};

/// The reward of a config for points of dimension D.
/// none: 0.  quadratic: -|x - target|^2.  box: 1 inside, 0 outside.  linear: weights . x.
/// mean-intensity: mean of the coordinates.
/// @throws ConfigError   if a list of numbers does not fit D
[[nodiscard]] std::shared_ptr<const Reward> make_reward(const RewardConfig& config,
                                                        std::int64_t dimension);

/// A reward on points in original units as a reward on scaled points: h(offset + factor x).
/// @param offset, factor   [D]
[[nodiscard]] std::shared_ptr<const Reward> in_scaled_units(std::shared_ptr<const Reward> reward,
                                                            torch::Tensor offset,
                                                            torch::Tensor factor);

}  // namespace tropism::reward
