// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/diffusion/forward_process.hpp>
#include <tropism/diffusion/time_grid.hpp>
#include <tropism/score/gaussian_mixture.hpp>

/// The paper's 1-D data, 1/2 N(-3, 1) + 1/2 N(3, 1), and samples beside them.
namespace tropism::app {

[[nodiscard]] score::GaussianMixture exact_mixture();

/// What a set of samples looks like beside a mixture.
struct SampleLaw {
  double mean, mean_error;
  double std, std_error;
  double middle;      // share of |y| < 1.5; exact: 0.067
  double divergence;  // KL of the histogram, bins of 0.25 in [-12, 12], from the mixture, in nats
};
/// Standard errors are those of as many samples as the weights' effective sample size.
/// @param samples       [N, 1]; those outside [-12, 12] count as at its ends
/// @param log_weights   float64 [N]; undefined: all alike
/// @param mixture       in one dimension
[[nodiscard]] SampleLaw law_of(const torch::Tensor& samples, const torch::Tensor& log_weights,
                               const score::GaussianMixture& mixture = exact_mixture());

/// KL of one mixture from another, of the same bins.
[[nodiscard]] double binned_divergence(const score::GaussianMixture& law,
                                       const score::GaussianMixture& from);

/// The law of samples that follow the score of N(a m, v), Euler-Maruyama from N(0, v_T), the last
/// step without noise: what MATH E2 makes of one row per estimate, m = E x_0. A normal law, by the
/// recursion of its mean and variance.
struct CollapseLaw {
  double mean, std;
};
[[nodiscard]] CollapseLaw collapse_law(const diffusion::ForwardProcess& process,
                                       const diffusion::TimeGrid& grid, double mean_of_data);

/// Bin centres and densities of samples, and points of the mixture's density: [n, 2].
[[nodiscard]] torch::Tensor density_table(const torch::Tensor& samples,
                                          const torch::Tensor& log_weights);
[[nodiscard]] torch::Tensor mixture_curve(const score::GaussianMixture& mixture = exact_mixture());

}  // namespace tropism::app
