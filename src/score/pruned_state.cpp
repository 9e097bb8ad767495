// SPDX-License-Identifier: MIT
#include "pruned_state.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "direct_state.hpp"
#include "query_group.hpp"
#include "row_tree.hpp"

namespace tropism::score {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float round_off = 1e-5F;  // of a squared distance in float32, generously
constexpr int patience = 32;

/// What the queries of a group may leave out, and do.
///
/// The n rows of a box at distance d from m = x/a weigh at most n 2^u, u = w - scale d^2, with w
/// the largest of their log-weights. With S the sum so far the box is left out if n 2^u <= pruning
/// (n/M) S for every query. S only grows, so all that is left out is less than pruning times the
/// whole.
class Descent {
 public:
  Descent(const DataBlock& block, const KernelShape& shape, Weights weights, QueryGroup& group)
      : tree_(*block.tree),
        block_(block),
        shape_(shape),
        weights_(weights),
        group_(group),
        num_lanes_(group.lanes()),
        log2_rows_(std::log2(static_cast<float>(tree_.num_rows()))),
        allowed_(static_cast<float>(std::log2(block.pruning)) - log2_rows_),
        removed_(num_lanes_),
        log2_sum_(num_lanes_, -infinity),
        squared_(num_lanes_) {
    for (std::size_t lane = 0; lane < num_lanes_; ++lane)
      removed_[lane] = shape.scale * static_cast<float>(group.removed(lane));
    enclose();
  }

  void visit(std::int64_t i) {
    const auto& node = tree_.node(i);
    const auto range = distances_of_group(i);
    if (share(node, range.least) <= allowed_) return leave_out(node, share(node, range.least));
    if (farthest_share(node, range.most) > allowed_) return add(node);
    if (worth_a_test() && no_lane_needs(i)) return leave_out(node, allowed_);
    if (node.right == 0) return add(node);
    const float* m = group_.coordinates(node.split_dimension);
    const bool left_first = m[num_lanes_ / 2] < node.split_value;
    visit(left_first ? i + 1 : node.right);
    visit(left_first ? node.right : i + 1);
  }

  /// An upper bound of what was left out over what was summed, of every query of the group.
  [[nodiscard]] double left_out() const { return left_out_; }

 private:
  struct Range {
    float least, most;
  };

  /// The box around the points m of all queries.
  void enclose() {
    for (std::size_t k = 0; k < shape_.dimension; ++k) {
      const auto [least, most] =
          std::minmax_element(group_.coordinates(k), group_.coordinates(k) + num_lanes_);
      box_.push_back({*least, *most});
    }
    largest_removed_ = *std::max_element(removed_.begin(), removed_.end());
  }

  /// Squared distances between any point of the group's box and any of the node's.
  [[nodiscard]] Range distances_of_group(std::int64_t i) const {
    const float *least = tree_.least(i), *most = tree_.most(i);
    Range squared = {0.0F, 0.0F};
    for (std::size_t k = 0; k < shape_.dimension; ++k) {
      const float gap = std::max(0.0F, std::max(least[k] - box_[k].most, box_[k].least - most[k]));
      const float reach = std::max(most[k] - box_[k].least, box_[k].most - least[k]);
      squared.least += gap * gap;
      squared.most += reach * reach;
    }
    return squared;
  }

  [[nodiscard]] float log2_weight(const RowTree::Node& node) const {
    return weights_ == Weights::reward ? node.largest_log_weight * std::numbers::log2e_v<float>
                                       : 0.0F;
  }

  /// u - log2 S at most, of any query of the group.
  [[nodiscard]] float share(const RowTree::Node& node, float squared) const {
    return log2_weight(node) - shape_.scale * squared * (1.0F - round_off) + largest_removed_ -
           least_log2_sum_;
  }

  /// The same of its farthest rows at the end, roughly: above `allowed_` no part will be left out.
  [[nodiscard]] float farthest_share(const RowTree::Node& node, float squared) const {
    return log2_weight(node) - shape_.scale * squared - log2_rows_;
  }

  /// Tests that keep failing are made rarely.
  [[nodiscard]] bool worth_a_test() { return failures_ < patience || ++passed_over_ % 8 == 0; }

  /// Whether each query by itself may leave the node out.
  [[nodiscard]] bool no_lane_needs(std::int64_t i) {
    const float *least = tree_.least(i), *most = tree_.most(i);
    const float weight = log2_weight(tree_.node(i)) - allowed_;
    const float scale = shape_.scale * (1.0F - round_off);
    std::fill(squared_.begin(), squared_.end(), 0.0F);
    for (std::size_t k = 0; k < shape_.dimension; ++k) {
      const float* m = group_.coordinates(k);
      for (std::size_t lane = 0; lane < num_lanes_; ++lane) {
        const float gap = std::max(0.0F, std::max(least[k] - m[lane], m[lane] - most[k]));
        squared_[lane] += gap * gap;
      }
    }
    unsigned needed = 0;
    for (std::size_t lane = 0; lane < num_lanes_; ++lane)
      needed |= static_cast<unsigned>(
          !(weight - scale * squared_[lane] + removed_[lane] <= log2_sum_[lane]));
    failures_ = needed != 0 ? failures_ + 1 : 0;
    return needed == 0;
  }

  void leave_out(const RowTree::Node& node, float log2_share) {
    left_out_ += static_cast<double>(node.end - node.begin) * std::exp2(log2_share);
    failures_ = 0;
  }

  void add(const RowTree::Node& node) {
    group_.add(rows_of(block_, weights_, node.begin, node.end - node.begin));
    group_.log2_sums(log2_sum_);
    least_log2_sum_ = *std::min_element(log2_sum_.begin(), log2_sum_.end());
  }

  const RowTree& tree_;
  const DataBlock& block_;
  const KernelShape& shape_;
  Weights weights_;
  QueryGroup& group_;
  std::size_t num_lanes_;
  float log2_rows_, allowed_;
  std::vector<Range> box_;
  std::vector<float> removed_, log2_sum_, squared_;  // by lane; removed_: scale |m - r|^2
  float largest_removed_ = 0.0F, least_log2_sum_ = -infinity;
  double left_out_ = 0.0;
  int failures_ = 0;  // of tests in a row
  int passed_over_ = 0;
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

/// With log-weights equal, the logit of no row is more than scale 4 |m| R below the best one: too
/// near for anything to be left out where there is much noise.
bool may_leave_out(const PreparedQueries& prepared, const DataBlock& block) {
  if (block.log_weights.defined()) return true;
  double norm = block.radius;
  for (const double squared : prepared.squared_norms) norm = std::max(norm, std::sqrt(squared));
  return prepared.shape.scale * 4.0 * norm * block.radius >= -std::log2(block.pruning);
}

}  // namespace

RatioState pruned_state(const Queries& queries, const DataBlock& block, NoiseLevel noise,
                        Weights weights) {
  const auto blocks = std::span(&block, 1);
  const PreparedQueries prepared(queries, blocks, noise);
  if (!may_leave_out(prepared, block)) return direct_state(queries, blocks, noise, weights);
  const auto order = by_place(prepared.queries.x, noise.signal, *block.tree);
  auto state = RatioState::empty(queries.size(), queries.x.size(1));
  state.pruned = torch::zeros({queries.size()});
  const auto lanes = static_cast<std::int64_t>(kernel_lanes());
  at::parallel_for(0, queries.size(), lanes, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t first = begin; first < end; first += lanes) {
      const auto which = std::span(order).subspan(
          static_cast<std::size_t>(first), static_cast<std::size_t>(std::min(lanes, end - first)));
      QueryGroup group(prepared, which, Arithmetic::differences);
      Descent descent(block, prepared.shape, weights, group);
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
