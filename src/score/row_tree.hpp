// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace tropism::score {

/// A k-d tree over rows of data, with the box of the rows of every node. Built once; its leaves are
/// consecutive in `order`.
class RowTree {
 public:
  struct Node {
    std::int64_t begin, end;  // its rows: order[begin, end)
    std::int64_t right = 0;   // the node of its far half; the near half follows; 0 = a leaf
    std::size_t split_dimension = 0;
    float split_value = 0.0F;
    float largest_log_weight = 0.0F;
  };

  /// @param x             [M, D], M >= 1, contiguous float32
  /// @param log_weights   [M], or undefined for zeros
  RowTree(const torch::Tensor& x, const torch::Tensor& log_weights);

  [[nodiscard]] const std::vector<std::int64_t>& order() const { return order_; }
  [[nodiscard]] const Node& node(std::int64_t i) const {
    return nodes_[static_cast<std::size_t>(i)];
  }
  [[nodiscard]] std::int64_t num_rows() const { return static_cast<std::int64_t>(order_.size()); }
  /// The box of a node's rows: least and largest coordinate, [D] each.
  [[nodiscard]] const float* least(std::int64_t i) const {
    return boxes_.data() + 2 * dimension_ * static_cast<std::size_t>(i);
  }
  [[nodiscard]] const float* most(std::int64_t i) const { return least(i) + dimension_; }
  /// Where the leaf that a point falls into begins: nearby points have nearby places.
  [[nodiscard]] std::int64_t place(const float* point) const;

 private:
  std::int64_t grow(const float* x, const float* log_weights, std::int64_t begin, std::int64_t end);
  void enclose(const float* x, const float* log_weights, Node& node);
  void split(const float* x, Node& node);

  std::size_t dimension_;
  std::vector<std::int64_t> order_;
  std::vector<Node> nodes_;
  std::vector<float> boxes_;
};

}  // namespace tropism::score
