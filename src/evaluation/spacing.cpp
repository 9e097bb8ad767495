// SPDX-License-Identifier: MIT
#include "spacing.hpp"

#include <algorithm>
#include <limits>

#include <tropism/evaluation/nearest_neighbours.hpp>

namespace tropism::evaluation {
namespace {

/// A set of points without repetition.
struct DistinctRows {
  torch::Tensor x;        // [U, D]
  torch::Tensor counts;   // how often each occurs, int64 [U]
  torch::Tensor inverse;  // which one each original row is, int64 [N]

  explicit DistinctRows(const torch::Tensor& rows) {
    std::tie(x, inverse, counts) = at::unique_dim(rows.contiguous(), 0, true, true, true);
  }
  [[nodiscard]] std::int64_t size() const { return x.size(0); }
};

Spacing without_neighbours(const torch::Tensor& coincident) {
  const double infinity = std::numeric_limits<double>::infinity();
  return {torch::full(coincident.sizes(), infinity, torch::kFloat64), coincident + 1, coincident};
}

/// The k-th neighbour among distinct ones that occur `counts` times, after `coincident` at distance
/// 0.
Spacing count_off(const torch::Tensor& distance, const torch::Tensor& counts,
                  const torch::Tensor& coincident, std::int64_t k) {
  const auto reached = coincident.unsqueeze(1) + counts.cumsum(1);
  const auto position = (reached < k).sum(1, /*keepdim=*/true).clamp_max(distance.size(1) - 1);
  return {distance.gather(1, position).squeeze(1), (coincident + 1).clamp_min(k), coincident};
}

/// All distinct rows, and one more column at infinite distance.
Neighbours with_nothing_beyond(const Neighbours& all) {
  const double infinity = std::numeric_limits<double>::infinity();
  return {torch::constant_pad_nd(all.distance, {0, 1}, infinity),
          torch::constant_pad_nd(all.index, {0, 1}, 0)};
}

/// Of neighbours where the first may be at distance 0, those that are not.
Neighbours drop_coincident(const Neighbours& found) {
  const auto columns = found.index.size(1) - 1;
  const auto shift = (found.distance.select(1, 0) == 0).to(torch::kInt64).unsqueeze(1);
  const auto take = torch::arange(columns, torch::kInt64).unsqueeze(0) + shift;
  return {found.distance.gather(1, take), found.index.gather(1, take)};
}

torch::Tensor multiplicity(const DistinctRows& distinct, const torch::Tensor& index) {
  return distinct.counts.index_select(0, index.flatten()).view(index.sizes());
}

}  // namespace

Spacing Spacing::rows(const torch::Tensor& index) const {
  return {distance.index_select(0, index), rank.index_select(0, index),
          coincident.index_select(0, index)};
}

Spacing spacing_within(const torch::Tensor& x, std::int64_t k) {
  const DistinctRows distinct(x);
  const auto coincident = distinct.counts - 1;
  const auto wanted = std::min(k, distinct.size() - 1);
  if (wanted == 0) return without_neighbours(coincident).rows(distinct.inverse);
  const auto found = nearest_other_rows(distinct.x, wanted);
  const auto counts = multiplicity(distinct, found.index);
  return count_off(found.distance, counts, coincident, k).rows(distinct.inverse);
}

Spacing spacing_to(const torch::Tensor& x, const torch::Tensor& y, std::int64_t k) {
  const DistinctRows distinct(y);
  const auto wanted = std::min(k + 1, distinct.size());
  auto found = nearest_neighbours(x, distinct.x, wanted);
  if (wanted == distinct.size()) found = with_nothing_beyond(found);
  const auto nearest_count = multiplicity(distinct, found.index.select(1, 0));
  const auto coincident = nearest_count * (found.distance.select(1, 0) == 0);
  const auto others = drop_coincident(found);
  return count_off(others.distance, multiplicity(distinct, others.index), coincident, k);
}

}  // namespace tropism::evaluation
