// SPDX-License-Identifier: MIT
#include <tropism/evaluation/divergence.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/evaluation/moments.hpp>

#include "spacing.hpp"

namespace tropism::evaluation {
namespace {

constexpr std::uint64_t x_seed = 1;
constexpr std::uint64_t y_seed = 2;

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

/// All rows in a fixed random order.
torch::Tensor shuffled(const torch::Tensor& x, std::uint64_t seed) {
  const base::RandomStream random(seed, base::Purpose::evaluation);
  return x.index_select(0, random.uniform(0, 0, x.size(0), 1).flatten().argsort());
}

/// `count` rows from `first` on, going round.
torch::Tensor rows_round(const torch::Tensor& x, std::int64_t first, std::int64_t count) {
  return x.index_select(0, torch::arange(first, first + count, torch::kInt64).remainder(x.size(0)));
}

/// The values of the batches that have one, float64.
torch::Tensor batch_values(const torch::Tensor& x, const torch::Tensor& y, std::int64_t k,
                           std::int64_t batch) {
  std::vector<double> values;
  for (std::int64_t first = 0; first + batch <= x.size(0); first += batch) {
    const auto found =
        estimate_divergence(x.narrow(0, first, batch), rows_round(y, first, batch), k);
    if (found.value) values.push_back(*found.value);
  }
  return torch::tensor(values, torch::kFloat64);
}

}  // namespace

Divergence estimate_divergence(const torch::Tensor& x, const torch::Tensor& y, std::int64_t k) {
  expect_two_sets(x, y, k);
  if (!are_enough(x.size(0), y.size(0), k)) return {};
  return summarise(spacing_within(x, k), spacing_to(x, y, k), x.size(1), y.size(0));
}

std::int64_t count_duplicates(const torch::Tensor& x) {
  const auto counts = std::get<2>(at::unique_dim(x.contiguous(), 0, true, true, true));
  return counts.masked_select(counts > 1).sum().item<std::int64_t>();
}

MatchedDivergence estimate_matched_divergence(const torch::Tensor& x, const torch::Tensor& y,
                                              std::int64_t k, std::int64_t batch) {
  expect_two_sets(x, y, k);
  base::expects(batch > k, "batches of more than k rows");
  const auto rows = std::min(x.size(0), y.size(0));
  MatchedDivergence result;
  result.batch = std::min(batch, y.size(0));
  if (!are_enough(rows, rows, k)) return result;
  const auto some_x = shuffled(x, x_seed);
  const auto some_y = shuffled(y, y_seed);
  result.whole = estimate_divergence(some_x.narrow(0, 0, rows), some_y.narrow(0, 0, rows), k);
  const auto moments = moments_of(batch_values(some_x, some_y, k, result.batch));
  result.batches = moments.count;
  result.mean = moments.mean;
  result.standard_error = moments.standard_error;
  return result;
}

}  // namespace tropism::evaluation
