// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <optional>

namespace tropism::evaluation {

/// The data with row i weighted by exp(beta h_i / 2): what perfect training converges to (D3), as
/// far as these rows can tell.
struct Tilt {
  double beta = 0.0;
  double mean_reward = 0.0;     // of the tilted data
  double divergence = 0.0;      // KL(tilted data || data) in nats, from the weights; at most log N
  double effective_rows = 0.0;  // (sum w)^2 / sum w^2: few of them = the data hardly reach there
};

/// @param rewards   of the data, float64 [N], N >= 1
/// @param beta      >= 0
[[nodiscard]] Tilt exact_tilt(const torch::Tensor& rewards, double beta);

/// The tilt of the data whose mean reward is `mean_reward`. No other distribution on the data with
/// that mean reward, or a larger one, is nearer to the data: its divergence is the floor that
/// samples are compared with (MATH.md 1.9).
/// @return   no tilt (beta = 0) for a mean reward not above the data's; nothing if no tilt up to
///           weights on the best rows alone reaches it
[[nodiscard]] std::optional<Tilt> least_divergence(const torch::Tensor& rewards,
                                                   double mean_reward);

/// How much of the way from the data's mean reward to the tilted one the samples have gone: 0 =
/// none, 1 = all. Nothing if the tilt does not change the mean.
[[nodiscard]] std::optional<double> share_reached(double sampled, double data, double tilted);

}  // namespace tropism::evaluation
