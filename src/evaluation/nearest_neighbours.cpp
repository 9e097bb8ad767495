// SPDX-License-Identifier: MIT
#include <tropism/evaluation/nearest_neighbours.hpp>

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>

#include "search.hpp"

namespace tropism::evaluation {
namespace {

constexpr std::int64_t most_dimensions_for_a_tree = 10;  // beyond, a tree visits most of its leaves

torch::Tensor as_points(const torch::Tensor& x) {
  base::expects(x.dim() == 2, "points of shape [rows, D]");
  auto points = x.detach().to(torch::kCPU, torch::kFloat64).contiguous();
  base::expects(base::all_finite(points), "coordinates that are finite");
  return points;
}

Neighbours search_points(const torch::Tensor& queries, const torch::Tensor& reference,
                         std::int64_t k, Search search) {
  if (search == Search::automatic) {
    const bool few = reference.size(1) <= most_dimensions_for_a_tree;
    search = few ? Search::tree : Search::products;
  }
  return search == Search::tree ? search_by_tree(queries, reference, k)
                                : search_by_products(queries, reference, k);
}

/// Of k + 1 neighbours of each row, itself among them or not, the k nearest that are not itself.
Neighbours without_self(const Neighbours& found) {
  const auto rows = found.index.size(0);
  const auto columns = found.index.size(1);
  auto leave_out = found.index == torch::arange(rows, torch::kInt64).unsqueeze(1);
  // With more than k duplicates a row may miss itself; then the last one goes.
  leave_out.select(1, columns - 1).logical_or_(leave_out.any(1).logical_not());
  const auto keep = leave_out.logical_not();
  return {found.distance.masked_select(keep).view({rows, columns - 1}),
          found.index.masked_select(keep).view({rows, columns - 1})};
}

}  // namespace

Neighbours nearest_neighbours(const torch::Tensor& queries, const torch::Tensor& reference,
                              std::int64_t k, Search search) {
  const auto query_points = as_points(queries);
  const auto reference_points = as_points(reference);
  base::expects(query_points.size(1) == reference_points.size(1),
                "queries and reference of one dimension");
  base::expects(k >= 1 && reference_points.size(0) >= k, "1 <= k <= rows of the reference");
  return search_points(query_points, reference_points, k, search);
}

Neighbours nearest_other_rows(const torch::Tensor& x, std::int64_t k, Search search) {
  const auto points = as_points(x);
  base::expects(k >= 1 && points.size(0) > k, "1 <= k < rows");
  return without_self(search_points(points, points, k + 1, search));
}

}  // namespace tropism::evaluation
