// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>

#include "search.hpp"

namespace tropism::evaluation {
namespace {

constexpr std::int64_t spare_candidates = 8;
constexpr std::int64_t block_elements = std::int64_t{1} << 23;

/// Points moved to the reference's mean and divided by the largest coordinate of all: in [-1, 1],
/// so that products of float32 neither overflow nor lose what a common offset would cost.
struct CentredPoints {
  torch::Tensor queries;            // float32 [N, D]
  torch::Tensor reference;          // float32 [M, D]
  torch::Tensor reference_squares;  // |r|^2, float32 [M]
  double scale;

  CentredPoints(const torch::Tensor& all_queries, const torch::Tensor& all_reference) {
    const auto centre = all_reference.mean(0);
    const auto moved_queries = all_queries - centre;
    const auto moved_reference = all_reference - centre;
    scale = std::max(largest(moved_queries), largest(moved_reference));
    if (scale == 0.0) scale = 1.0;
    queries = (moved_queries / scale).to(torch::kFloat32);
    reference = (moved_reference / scale).to(torch::kFloat32);
    reference_squares = reference.square().sum(1);
  }

  static double largest(const torch::Tensor& x) {
    return x.numel() == 0 ? 0.0 : x.abs().max().item<double>();
  }
};

/// Rows of the reference that may be among the nearest, and a lower bound of the squared distance
/// (in the centred points' units) to all others.
struct Candidates {
  torch::Tensor index;            // int64 [B, C]
  torch::Tensor others_at_least;  // float64 [B]
};

/// |q - r|^2 = |q|^2 + |r|^2 - 2 q.r, in float32 off by at most (D + 8) 2^-24 (|q| + |r|)^2.
Candidates propose(const CentredPoints& points, const torch::Tensor& queries, std::int64_t count) {
  const auto& reference = points.reference;
  const auto without_query =
      torch::addmm(points.reference_squares.unsqueeze(0), queries, reference.t(), 1, -2);
  auto [value, index] = without_query.topk(count, 1, /*largest=*/false);
  if (count == reference.size(0)) {
    const double infinity = std::numeric_limits<double>::infinity();
    return {index, torch::full({queries.size(0)}, infinity, torch::kFloat64)};
  }
  const auto squares = queries.to(torch::kFloat64).square().sum(1);
  const double farthest = std::sqrt(points.reference_squares.max().item<double>());
  const double rounding = static_cast<double>(reference.size(1) + 8) * std::ldexp(1.0, -24);
  const auto error = (squares.sqrt() + farthest).square() * rounding;
  return {index, value.select(1, count - 1).to(torch::kFloat64) + squares - error};
}

Neighbours nearest_candidates(const torch::Tensor& queries, const torch::Tensor& reference,
                              const torch::Tensor& index, std::int64_t k) {
  const auto rows = reference.index_select(0, index.flatten())
                        .view({index.size(0), index.size(1), reference.size(1)});
  const auto squares = rows.sub_(queries.unsqueeze(1)).square_().sum(2);
  auto [nearest, order] = squares.topk(k, 1, /*largest=*/false);
  return {nearest.sqrt_(), index.gather(1, order)};
}

/// Where rounding leaves open which rows are nearest, all differences are computed.
void search_again(const torch::Tensor& queries, const torch::Tensor& reference,
                  const torch::Tensor& uncertain, Neighbours& found) {
  const auto k = found.index.size(1);
  const auto* rows = uncertain.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < uncertain.size(0); ++i) {
    const auto squares = (reference - queries[rows[i]]).square_().sum(1);
    auto [nearest, index] = squares.topk(k, 0, /*largest=*/false);
    found.distance[rows[i]].copy_(nearest.sqrt_());
    found.index[rows[i]].copy_(index);
  }
}

Neighbours search_block(const CentredPoints& points, const torch::Tensor& queries,
                        const torch::Tensor& centred_queries, const torch::Tensor& reference,
                        std::int64_t k) {
  const auto count = std::min(k + spare_candidates, reference.size(0));
  const auto candidates = propose(points, centred_queries, count);
  auto found = nearest_candidates(queries, reference, candidates.index, k);
  const auto farthest = (found.distance.select(1, k - 1) / points.scale).square();
  const auto uncertain = (farthest > candidates.others_at_least).nonzero().flatten().contiguous();
  search_again(queries, reference, uncertain, found);
  return found;
}

}  // namespace

Neighbours search_by_products(const torch::Tensor& queries, const torch::Tensor& reference,
                              std::int64_t k) {
  const CentredPoints points(queries, reference);
  const auto per_query = std::max(reference.size(0), (k + spare_candidates) * reference.size(1));
  const auto rows = std::max<std::int64_t>(1, block_elements / per_query);
  Neighbours found{torch::empty({queries.size(0), k}, torch::kFloat64),
                   torch::empty({queries.size(0), k}, torch::kInt64)};
  for (std::int64_t first = 0; first < queries.size(0); first += rows) {
    const auto count = std::min(rows, queries.size(0) - first);
    const auto block = search_block(points, queries.narrow(0, first, count),
                                    points.queries.narrow(0, first, count), reference, k);
    found.distance.narrow(0, first, count).copy_(block.distance);
    found.index.narrow(0, first, count).copy_(block.index);
  }
  return found;
}

}  // namespace tropism::evaluation
