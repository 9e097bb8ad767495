// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/comm/row_split.hpp>
#include <tropism/sampling/sampler.hpp>
#include <tropism/score/gaussian_mixture.hpp>

namespace tropism::app {

/// Variance of one posterior draw's score, V_1(t, y) = (a/v)^2 Cov(x_0 | y) (MATH E1 with E4), for
/// a mixture in one dimension.
/// @param y   [N, 1]
/// @return    float64 [N]
[[nodiscard]] torch::Tensor draw_variance(const score::GaussianMixture& mixture,
                                          const torch::Tensor& y, double signal, double variance);

struct WeightedSamples {
  torch::Tensor y;            // [N, 1]
  torch::Tensor log_weights;  // float64 [N]
};

/// Samples of a mixture's exact score, and the weights that E1's penalty -g^2 V_1 gives their
/// paths: the best policy against it makes paths likelier by exp(-(1/2) int g^2 V_1 dt), as a
/// reward h makes them by exp(beta h/2) (D3). This is what learning from single posterior draws
/// aims at. The last step is without noise.
/// @param sampler   in one dimension
[[nodiscard]] WeightedSamples sample_paths(const sampling::Sampler& sampler,
                                           const score::GaussianMixture& mixture,
                                           comm::RowRange range);

}  // namespace tropism::app
