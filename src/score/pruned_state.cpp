// SPDX-License-Identifier: MIT
#include "pruned_state.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "query_group.hpp"
#include "row_tree.hpp"

namespace tropism::score {
namespace {

constexpr double round_off = 1e-5;  // of a squared distance in float32, generously

/// What a group of queries leaves out, and may leave out.
///
/// A box of n rows at distance d from m = x/a holds at most n 2^u, u = -scale d^2 + largest
/// log-weight. With S the sum so far it is passed over if n 2^u <= pruning (n/M) S for every query;
/// S only grows, so all that is passed over is less than pruning times the whole.
class Descent {
 public:
  Descent(const RowTree& tree, const DataBlock& block, const KernelShape& shape, Weights weights,
          QueryGroup& group)
      : tree_(tree),
        block_(block),
        shape_(shape),
        weights_(weights),
        group_(group),
        allowed_(std::log2(block.pruning / static_cast<double>(tree.num_rows()))),
        squared_(group.lanes()) {}

  void visit(std::int64_t i) {
    const auto& node = tree_.node(i);
    const double share = largest_log2_share(i);
    if (share <= allowed_) {
      left_out_ += static_cast<double>(node.end - node.begin) * std::exp2(share);
    } else if (node.right == 0) {
      group_.add(rows_of(block_, weights_, node.begin, node.end - node.begin));
    } else {
      const float* m = group_.coordinates(node.split_dimension);
      const bool left_first = m[group_.lanes() / 2] < node.split_value;
      visit(left_first ? i + 1 : node.right);
      visit(left_first ? node.right : i + 1);
    }
  }

  /// An upper bound of what was left out over what was summed, of every query of the group.
  [[nodiscard]] double left_out() const { return left_out_; }

 private:
  /// The largest u - log2 S of the group: one row of the box against all rows so far.
  [[nodiscard]] double largest_log2_share(std::int64_t i) {
    square_distances(i);
    const double weight =
        weights_ == Weights::reward ? tree_.node(i).largest_log_weight * std::numbers::log2e : 0.0;
    double largest = -std::numeric_limits<double>::infinity();
    for (std::size_t lane = 0; lane < squared_.size(); ++lane) {
      const double squared = squared_[lane] * (1.0 - round_off) - group_.removed(lane);
      largest = std::max(largest, weight - shape_.scale * squared - group_.log2_sum(lane));
    }
    return largest;
  }

  /// Squared distances of m = x/a from the box, by lane.
  void square_distances(std::int64_t i) {
    const float *least = tree_.least(i), *most = tree_.most(i);
    std::fill(squared_.begin(), squared_.end(), 0.0F);
    for (std::size_t k = 0; k < shape_.dimension; ++k) {
      const float* m = group_.coordinates(k);
      for (std::size_t lane = 0; lane < squared_.size(); ++lane) {
        const float gap = std::max(0.0F, std::max(least[k] - m[lane], m[lane] - most[k]));
        squared_[lane] += gap * gap;
      }
    }
  }

  const RowTree& tree_;
  const DataBlock& block_;
  const KernelShape& shape_;
  Weights weights_;
  QueryGroup& group_;
  double allowed_;
  double left_out_ = 0.0;
  std::vector<float> squared_;
};

/// Queries in the order of the leaves they fall into, so that those of a group share what they
/// need.
std::vector<std::int64_t> by_place(const torch::Tensor& x, double signal, const RowTree& tree) {
  const auto points = (x / signal).contiguous();
  std::vector<std::int64_t> places(static_cast<std::size_t>(x.size(0)));
  for (std::int64_t i = 0; i < x.size(0); ++i)
    places[static_cast<std::size_t>(i)] = tree.place(points.data_ptr<float>() + i * x.size(1));
  std::vector<std::int64_t> order(places.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) {
    return places[static_cast<std::size_t>(i)] < places[static_cast<std::size_t>(j)];
  });
  return order;
}

}  // namespace

RatioState pruned_state(const Queries& any_queries, const DataBlock& block, NoiseLevel noise,
                        Weights weights) {
  const auto queries = any_queries.contiguous();
  const auto shape = shape_of(queries, std::span(&block, 1), noise);
  const auto order = by_place(queries.x, noise.signal, *block.tree);
  auto state = RatioState::empty(queries.size(), queries.x.size(1));
  state.pruned = torch::zeros({queries.size()});
  const auto lanes = static_cast<std::int64_t>(kernel_lanes());
  at::parallel_for(0, queries.size(), lanes, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t first = begin; first < end; first += lanes) {
      const auto which = std::span(order).subspan(
          static_cast<std::size_t>(first), static_cast<std::size_t>(std::min(lanes, end - first)));
      QueryGroup group(queries, which, noise.signal, block.radius, shape);
      Descent descent(*block.tree, block, shape, weights, group);
      descent.visit(0);
      group.write(state);
      for (const auto query : which)
        state.pruned.data_ptr<float>()[query] =
            static_cast<float>(descent.left_out()) * state.weight.data_ptr<float>()[query];
    }
  });
  return state;
}

}  // namespace tropism::score
