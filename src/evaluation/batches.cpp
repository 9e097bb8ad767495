// SPDX-License-Identifier: MIT
#include <tropism/evaluation/batches.hpp>

#include <algorithm>
#include <vector>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/evaluation/moments.hpp>

#include "shuffled.hpp"

namespace tropism::evaluation {
namespace {

/// `count` rows from `first` on, going round.
torch::Tensor rows_round(const torch::Tensor& x, std::int64_t first, std::int64_t count) {
  return x.index_select(0, torch::arange(first, first + count, torch::kInt64).remainder(x.size(0)));
}

std::int64_t number_of(const Batches& batches, std::int64_t rows, std::int64_t batch) {
  const auto fitting = rows / batch;
  return batches.count == 0 ? fitting : std::min(fitting, batches.count);
}

}  // namespace

torch::Tensor shuffled(const torch::Tensor& points, Shuffle set) {
  const base::RandomStream random(static_cast<std::uint64_t>(set), base::Purpose::evaluation);
  return points.index_select(0, random.uniform(0, 0, points.size(0), 1).flatten().argsort());
}

torch::Tensor some_rows(const torch::Tensor& points, Shuffle set, std::int64_t most) {
  return shuffled(points, set).narrow(0, 0, std::min(most, points.size(0)));
}

BatchMean mean_over_batches(const torch::Tensor& x, const torch::Tensor& y, const Batches& batches,
                            const PairEstimate& estimate) {
  base::expects(batches.rows >= 1 && batches.count >= 0, "batches of one row or more");
  base::expects(y.size(0) >= 1, "a second set with rows");
  const auto some_x = shuffled(x, Shuffle::x);
  const auto some_y = shuffled(y, Shuffle::y);
  const auto rows = std::min(batches.rows, y.size(0));
  std::vector<double> values;
  for (std::int64_t i = 0; i < number_of(batches, x.size(0), rows); ++i) {
    const auto value =
        estimate(some_x.narrow(0, i * rows, rows), rows_round(some_y, i * rows, rows));
    if (value) values.push_back(*value);
  }
  const auto moments = moments_of(torch::tensor(values, torch::kFloat64));
  return {rows, moments.count, moments.mean, moments.standard_error};
}

}  // namespace tropism::evaluation
