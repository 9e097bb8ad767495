// SPDX-License-Identifier: MIT
#include <cstddef>
#include <nanoflann.hpp>

#include "search.hpp"

namespace tropism::evaluation {
namespace {

/// The points as nanoflann wants to see them.
struct TreePoints {
  const double* values;
  std::size_t rows;
  std::size_t dimension;

  [[nodiscard]] std::size_t kdtree_get_point_count() const { return rows; }
  [[nodiscard]] double kdtree_get_pt(std::size_t row, std::size_t column) const {
    return values[row * dimension + column];
  }
  template <class Box>
  bool kdtree_get_bbox(Box& /*box*/) const {
    return false;  // let the tree compute it
  }
};

using Metric = nanoflann::L2_Simple_Adaptor<double, TreePoints>;
using Tree = nanoflann::KDTreeSingleIndexAdaptor<Metric, TreePoints, -1, std::int64_t>;

}  // namespace

Neighbours search_by_tree(const torch::Tensor& queries, const torch::Tensor& reference,
                          std::int64_t k) {
  const auto rows = queries.size(0);
  const auto dimension = reference.size(1);
  const TreePoints points{reference.data_ptr<double>(), static_cast<std::size_t>(reference.size(0)),
                          static_cast<std::size_t>(dimension)};
  const Tree tree(static_cast<Tree::Dimension>(dimension), points, {10});
  auto squares = torch::empty({rows, k}, torch::kFloat64);
  auto index = torch::empty({rows, k}, torch::kInt64);
  for (std::int64_t row = 0; row < rows; ++row) {
    tree.knnSearch(queries.data_ptr<double>() + row * dimension, static_cast<Tree::Size>(k),
                   index.data_ptr<std::int64_t>() + row * k, squares.data_ptr<double>() + row * k);
  }
  return {squares.sqrt_(), index};
}

}  // namespace tropism::evaluation
