// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

namespace tropism::evaluation {

/// An estimate of KL(p || q) in nats. It may be negative where the true value is near 0.
struct Divergence {
  std::optional<double> value;           // none: see estimate_divergence
  std::optional<double> standard_error;  // of the mean of the points' terms, as if independent
  std::int64_t points = 0;               // rows of x that the value is the mean of
  std::int64_t duplicates = 0;           // rows of x that equal another row of x
  std::int64_t copies = 0;               // rows of x that equal a row of y
  std::int64_t left_out = 0;             // rows of x without any distinct neighbour in x or in y
};

/// k-nearest-neighbour estimate of KL(p || q) from x ~ p and y ~ q [WKV09]:
///   D = (d/n) sum_i log(nu_i / rho_i) + log(m / (n-1)),
/// with rho_i and nu_i the distances of x_i to its k-th neighbour in the rest of x and in y.
///
/// Equal points make a distance 0 and D infinite. So a point with j >= k neighbours at distance 0
/// uses the next distinct one, its (j+1)-th, and, as in [WKV09]'s estimator with ranks l_i in x and
/// k_i in y that depend on the point, psi(l_i) - psi(k_i) is added to its term. Without equal
/// points this is the formula above. Duplicates in x so raise D, copies of y do not lower it
/// without bound; both are counted.
///
/// Bias: vanishes as n, m grow, slowly in high dimension, where neighbours are too far for the
/// densities to be constant between them; it draws D towards 0 (by 22 % for two unit Gaussians in 8
/// dimensions with KL 1, k = 1 and 2,000 points of each; in 1 and 2 dimensions by less than 0.01).
///
/// @param x   [N, D], finite
/// @param y   [M, D], finite, in the same units
/// @param k   >= 1
/// @return    no value if N <= k, M < k, or no point of x has a distinct neighbour on both sides
///            (all of x one point, for instance: the divergence is then infinite)
[[nodiscard]] Divergence estimate_divergence(const torch::Tensor& x, const torch::Tensor& y,
                                             std::int64_t k);

/// Estimates from batches of x, each against all of y.
struct BatchedDivergence {
  Divergence whole;                      // from all of x at once
  std::int64_t batches = 0;              // that have a value
  std::int64_t batch = 0;                // rows of each
  std::optional<double> mean;            // of the batches' values
  std::optional<double> standard_error;  // of that mean; none for fewer than two batches
};

/// Cuts x into batches, at random but always alike, so that the order of x does not matter; rows
/// that do not fill a batch serve the whole only. The mean has the bias of estimates from `batch`
/// points.
///
/// @param batch   > k
[[nodiscard]] BatchedDivergence estimate_divergence_in_batches(const torch::Tensor& x,
                                                               const torch::Tensor& y,
                                                               std::int64_t k, std::int64_t batch);

}  // namespace tropism::evaluation
