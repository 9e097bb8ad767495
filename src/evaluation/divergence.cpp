// SPDX-License-Identifier: MIT
#include <tropism/evaluation/divergence.hpp>

#include <algorithm>
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/evaluation/moments.hpp>

#include "shuffled.hpp"
#include "spacing.hpp"

namespace tropism::evaluation {
namespace {

void expect_two_sets(const torch::Tensor& x, const torch::Tensor& y, std::int64_t k) {
  base::expects(x.dim() == 2 && y.dim() == 2 && x.size(1) == y.size(1),
                "two sets of points [N, D] and [M, D] of one dimension");
  base::expects(k >= 1, "k >= 1");
}

bool are_enough(std::int64_t n, std::int64_t m, std::int64_t k) {
  return n > k && m >= k;
}

/// d log(nu_i / rho_i) + psi(l_i) - psi(k_i) + log(m / (n-1)) of the rows where that is finite.
torch::Tensor terms(const Spacing& within, const Spacing& to_data, std::int64_t dimension,
                    std::int64_t m) {
  const auto n = within.distance.size(0);
  const auto nu_over_rho = to_data.distance.log() - within.distance.log();
  const auto ranks = torch::digamma(within.rank.to(torch::kFloat64)) -
                     torch::digamma(to_data.rank.to(torch::kFloat64));
  const double offset = std::log(static_cast<double>(m) / static_cast<double>(n - 1));
  const auto all = static_cast<double>(dimension) * nu_over_rho + ranks + offset;
  return all.masked_select(all.isfinite());
}

Divergence summarise(const Spacing& within, const Spacing& to_data, std::int64_t dimension,
                     std::int64_t m) {
  Divergence result;
  const auto finite = terms(within, to_data, dimension, m);
  const auto moments = moments_of(finite);
  result.points = moments.count;
  result.left_out = within.distance.size(0) - result.points;
  result.duplicates = within.coincident.gt(0).sum().item<std::int64_t>();
  result.copies = to_data.coincident.gt(0).sum().item<std::int64_t>();
  result.value = moments.mean;
  result.standard_error = moments.standard_error;
  return result;
}

}  // namespace

Divergence estimate_divergence(const torch::Tensor& x, const torch::Tensor& y, std::int64_t k,
                               DivergenceForm form) {
  expect_two_sets(x, y, k);
  if (!are_enough(x.size(0), y.size(0), k)) return {};
  auto within = spacing_within(x, k);
  auto to_data = spacing_to(x, y, k);
  if (form == DivergenceForm::bias_reduced) widen_to_one_ball(x, y, within, to_data);
  return summarise(within, to_data, x.size(1), y.size(0));
}

std::int64_t count_duplicates(const torch::Tensor& x) {
  const auto counts = std::get<2>(at::unique_dim(x.contiguous(), 0, true, true, true));
  return counts.masked_select(counts > 1).sum().item<std::int64_t>();
}

MatchedDivergence estimate_matched_divergence(const torch::Tensor& x, const torch::Tensor& y,
                                              std::int64_t k, const Batches& batches,
                                              DivergenceForm form) {
  expect_two_sets(x, y, k);
  base::expects(batches.rows > k, "batches of more than k rows");
  const auto rows = std::min(x.size(0), y.size(0));
  MatchedDivergence result;
  result.batch = std::min(batches.rows, y.size(0));
  if (!are_enough(rows, rows, k)) return result;
  const auto estimate = [k, form](const torch::Tensor& some_x, const torch::Tensor& some_y) {
    return estimate_divergence(some_x, some_y, k, form);
  };
  static_cast<BatchMean&>(result) = mean_over_batches(
      x, y, batches, [&](const auto& a, const auto& b) { return estimate(a, b).value; });
  result.whole = estimate(some_rows(x, Shuffle::x, rows), some_rows(y, Shuffle::y, rows));
  return result;
}

}  // namespace tropism::evaluation
