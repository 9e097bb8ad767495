// SPDX-License-Identifier: MIT
#include "row_tree.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace tropism::score {
namespace {

constexpr std::int64_t leaf_rows = 128;  // testing a box costs about as much as four of them

}  // namespace

RowTree::RowTree(const torch::Tensor& x, const torch::Tensor& log_weights)
    : dimension_(static_cast<std::size_t>(x.size(1))), order_(static_cast<std::size_t>(x.size(0))) {
  std::iota(order_.begin(), order_.end(), 0);
  grow(x.data_ptr<float>(), log_weights.defined() ? log_weights.data_ptr<float>() : nullptr, 0,
       x.size(0));
}

std::int64_t RowTree::grow(const float* x, const float* log_weights, std::int64_t begin,
                           std::int64_t end) {
  const auto place = static_cast<std::int64_t>(nodes_.size());
  nodes_.push_back({.begin = begin, .end = end});
  enclose(x, log_weights, nodes_.back());
  if (end - begin <= leaf_rows) return place;
  split(x, nodes_.back());
  const std::int64_t middle = begin + (end - begin) / 2;
  grow(x, log_weights, begin, middle);
  const auto right = grow(x, log_weights, middle, end);
  nodes_[static_cast<std::size_t>(place)].right = right;
  return place;
}

/// Appends the box of the node's rows.
void RowTree::enclose(const float* x, const float* log_weights, Node& node) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const std::size_t least = boxes_.size(), most = least + dimension_;
  boxes_.resize(least + dimension_, infinity);
  boxes_.resize(most + dimension_, -infinity);
  if (log_weights != nullptr) node.largest_log_weight = -infinity;
  for (std::int64_t i = node.begin; i < node.end; ++i) {
    const auto row = static_cast<std::size_t>(order_[static_cast<std::size_t>(i)]);
    for (std::size_t k = 0; k < dimension_; ++k) {
      boxes_[least + k] = std::min(boxes_[least + k], x[row * dimension_ + k]);
      boxes_[most + k] = std::max(boxes_[most + k], x[row * dimension_ + k]);
    }
    if (log_weights != nullptr)
      node.largest_log_weight = std::max(node.largest_log_weight, log_weights[row]);
  }
}

/// Halves the rows of the last node at the median of the coordinate in which its box is widest.
void RowTree::split(const float* x, Node& node) {
  const float* least = boxes_.data() + boxes_.size() - 2 * dimension_;
  const float* most = least + dimension_;
  for (std::size_t k = 1; k < dimension_; ++k)
    if (most[k] - least[k] > most[node.split_dimension] - least[node.split_dimension])
      node.split_dimension = k;
  const auto value = [&](std::int64_t row) {
    return x[static_cast<std::size_t>(row) * dimension_ + node.split_dimension];
  };
  const auto first = order_.begin() + node.begin, last = order_.begin() + node.end;
  const auto middle = first + (node.end - node.begin) / 2;
  std::nth_element(first, middle, last,
                   [&](std::int64_t i, std::int64_t j) { return value(i) < value(j); });
  node.split_value = value(*middle);
}

std::int64_t RowTree::place(const float* point) const {
  std::int64_t i = 0;
  while (node(i).right != 0)
    i = point[node(i).split_dimension] < node(i).split_value ? i + 1 : node(i).right;
  return node(i).begin;
}

}  // namespace tropism::score
