// SPDX-License-Identifier: MIT
#include <tropism/evaluation/distances.hpp>

#include <tropism/base/error.hpp>

#include "pair_sums.hpp"
#include "shuffled.hpp"

namespace tropism::evaluation {
namespace {

constexpr std::int64_t most_rows_for_the_median = 1000;

/// E f(|X - Y|^2) - (E f(|X - X'|^2) + E f(|Y - Y'|^2)) / 2 by U-statistics.
std::optional<double> cross_less_within(const torch::Tensor& x, const torch::Tensor& y,
                                        const PairFunction& f) {
  base::expects(x.dim() == 2 && y.dim() == 2 && x.size(1) == y.size(1),
                "two sets of points [N, D] and [M, D] of one dimension");
  if (x.size(0) < 2 || y.size(0) < 2) return std::nullopt;
  const double within = 0.5 * (mean_over_other_pairs(x, f) + mean_over_other_pairs(y, f));
  return mean_over_pairs(x, y, f) - within;
}

}  // namespace

std::optional<double> squared_mean_discrepancy(const torch::Tensor& x, const torch::Tensor& y,
                                               double bandwidth) {
  base::expects(bandwidth > 0.0, "a bandwidth above 0");
  const double factor = -0.5 / (bandwidth * bandwidth);
  const auto difference = cross_less_within(
      x, y, [factor](torch::Tensor squares) { return squares.mul_(factor).exp_(); });
  if (!difference) return std::nullopt;
  return -2.0 * *difference;
}

std::optional<double> energy_distance(const torch::Tensor& x, const torch::Tensor& y) {
  const auto difference =
      cross_less_within(x, y, [](torch::Tensor squares) { return squares.sqrt_(); });
  if (!difference) return std::nullopt;
  return 2.0 * *difference;
}

std::optional<double> median_distance(const torch::Tensor& x, const torch::Tensor& y) {
  const auto pooled = torch::cat({some_rows(x, Shuffle::x, most_rows_for_the_median),
                                  some_rows(y, Shuffle::y, most_rows_for_the_median)});
  if (pooled.size(0) < 2) return std::nullopt;
  const double median = torch::pdist(pooled.to(torch::kFloat64)).median().item<double>();
  if (median <= 0.0) return std::nullopt;
  return median;
}

}  // namespace tropism::evaluation
