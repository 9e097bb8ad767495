// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

/// Distances between the distributions of two sets of finite points, x [N, D] and y [M, D], that
/// need no density. Computed in float64.
namespace tropism::evaluation {

/// Squared maximum mean discrepancy [GBR+12], the unbiased estimate: with the kernel
/// k(a, b) = exp(-|a - b|^2 / (2 h^2)),
///   mean_{i != j} k(x_i, x_j) + mean_{i != j} k(y_i, y_j) - 2 mean_{i, j} k(x_i, y_j).
/// Its expectation is 0 for equal distributions; it may be negative. Products of blocks of rows:
/// O((N + M)^2 D) operations, about 100 MB.
///
/// @param bandwidth   h > 0, in the units of the points
/// @return            none if N < 2 or M < 2
[[nodiscard]] std::optional<double> squared_mean_discrepancy(const torch::Tensor& x,
                                                             const torch::Tensor& y,
                                                             double bandwidth);

/// The median heuristic for h: the median distance of all pairs of x and y pooled, of 1,000 rows of
/// each at most, which are chosen at random but always alike.
/// @return   none if it is 0, or there are fewer than two points
[[nodiscard]] std::optional<double> median_distance(const torch::Tensor& x, const torch::Tensor& y);

/// Energy distance [SR13], the unbiased estimate of 2 E|X - Y| - E|X - X'| - E|Y - Y'|: 0 for equal
/// distributions only; the estimate may be negative. The cost is that of
/// squared_mean_discrepancy.
/// @return   none if N < 2 or M < 2
[[nodiscard]] std::optional<double> energy_distance(const torch::Tensor& x, const torch::Tensor& y);

/// Unit vectors, uniform over the sphere, float64 [P, D]: row i is a function of the seed and i.
[[nodiscard]] torch::Tensor random_directions(std::uint64_t seed, std::int64_t directions,
                                              std::int64_t dimension);

enum class WassersteinOrder { first = 1, second = 2 };

/// Sliced Wasserstein distance [BRPP15]: (mean over directions u of W_p(u.x, u.y)^p)^(1/p), with
/// W_p of the empirical distributions on a line by their quantile functions, for N != M too.
/// Biased upwards: two samples of one distribution are N^(-1/2) or so apart. O(P N log N).
///
/// @param directions   unit vectors, float64 [P, D]
/// @return             none if N or M is 0
[[nodiscard]] std::optional<double> sliced_wasserstein(const torch::Tensor& x,
                                                       const torch::Tensor& y,
                                                       const torch::Tensor& directions,
                                                       WassersteinOrder order);

}  // namespace tropism::evaluation
