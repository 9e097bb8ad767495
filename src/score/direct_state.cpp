// SPDX-License-Identifier: MIT
#include "direct_state.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "direct_kernel.hpp"

namespace tropism::score {
namespace {

constexpr double weakest_signal = 1e-6;
constexpr std::int64_t numbers_in_cache = 131072;  // 512 KiB of rows
constexpr double harmless_logit = 32.0;            // its round-off, 2e-6, is
constexpr std::int64_t tile_multiple = 256;

KernelShape shape_of(const Queries& queries, std::span<const DataBlock> blocks, NoiseLevel noise) {
  const double a = noise.signal;
  const auto kernel = blocks.empty() ? ContextKernel::none : blocks.front().context_kernel;
  const bool with_contexts = kernel != ContextKernel::none;
  return {
      .dimension = static_cast<std::size_t>(queries.x.size(1)),
      .context_dimension = with_contexts ? static_cast<std::size_t>(queries.contexts.size(1)) : 0,
      .scale = static_cast<float>(a * a / (2.0 * noise.variance * std::numbers::ln2)),
      .context_kernel = kernel};
}

const float* begin_of(const torch::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

/// Rows [first, first + count) of a block.
KernelRows piece_of(const DataBlock& block, Weights weights, std::int64_t first,
                    std::int64_t count) {
  const auto* log_weights = weights == Weights::reward ? begin_of(block.log_weights) : nullptr;
  const auto* contexts = begin_of(block.contexts);
  return {.x = begin_of(block.x) + first * block.x.size(1),
          .log_weights = log_weights != nullptr ? log_weights + first : nullptr,
          .contexts = contexts != nullptr ? contexts + first * block.contexts.size(1) : nullptr,
          .num_rows = static_cast<std::size_t>(count)};
}

/// The rows of all blocks in pieces that stay in the second-level cache while group after group of
/// queries is compared with them.
std::vector<KernelRows> pieces_of(std::span<const DataBlock> blocks, Weights weights) {
  std::vector<KernelRows> pieces;
  for (const auto& block : blocks) {
    const std::int64_t rows = block.x.size(0);
    const std::int64_t most = std::max(tile_multiple, numbers_in_cache / block.x.size(1));
    for (std::int64_t first = 0; first < rows; first += most)
      pieces.push_back(piece_of(block, weights, first, std::min(most, rows - first)));
  }
  return pieces;
}

double largest_radius(std::span<const DataBlock> blocks) {
  double radius = 0.0;
  for (const auto& block : blocks) radius = std::max(radius, block.radius);
  return radius;
}

/// One query, referred to the data (direct_kernel.hpp).
struct Reference {
  double shrinkage;  // r = shrinkage * m; 1 where m = x/a is not far from the data
  double removed;    // |m - r|^2
};

/// m is far if the part of the logit that all rows share would cost the digits that differ.
Reference refer(const float* x, std::size_t dimension, double signal, double radius, double scale) {
  double squared = 0.0;
  for (std::size_t k = 0; k < dimension; ++k) squared += std::pow(x[k] / signal, 2);
  const double excess = std::sqrt(squared) - radius;
  if (!(scale * std::max(excess, 0.0) * excess > harmless_logit) || !std::isfinite(squared))
    return {1.0, 0.0};
  return {1.0 - excess / std::sqrt(squared), excess * excess};
}

/// Consecutive queries in the lanes of the kernel; the last one fills the lanes that are left over.
class QueryGroup {
 public:
  QueryGroup(const Queries& queries, std::int64_t first, double signal, double radius,
             const KernelShape& shape)
      : lanes_(kernel_lanes()),
        first_(static_cast<std::size_t>(first)),
        dimension_(shape.dimension),
        count_(std::min(lanes_, static_cast<std::size_t>(queries.size() - first))),
        x_(dimension_ * lanes_),
        contexts_(shape.context_dimension * lanes_),
        removed_(lanes_),
        log_max_(lanes_, -std::numeric_limits<float>::infinity()),
        sums_((2 + dimension_) * lanes_, 0.0) {
    for (std::size_t i = 0; i < lanes_; ++i) {
      const std::size_t query = first_ + std::min(i, count_ - 1);
      place(i, begin_of(queries.x) + query * dimension_, signal, radius, shape.scale);
      for (std::size_t k = 0; k < shape.context_dimension; ++k)
        contexts_[k * lanes_ + i] = begin_of(queries.contexts)[query * shape.context_dimension + k];
    }
  }

  void add(const KernelShape& shape, const KernelRows& rows) {
    add_rows(shape, rows,
             {x_.data(), mirrored_.empty() ? nullptr : mirrored_.data(), contexts_.data(),
              log_max_.data(), sums_.data()},
             2 * count_ <= lanes_);
  }

  void write(RatioState& state, double scale) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const auto query = first_ + i;
      state.log_max.data_ptr<double>()[query] =
          (static_cast<double>(log_max_[i]) - scale * removed_[i]) * std::numbers::ln2;
      state.weight.data_ptr<float>()[query] = static_cast<float>(sums_[i]);
      state.squared_weight.data_ptr<float>()[query] = static_cast<float>(sums_[lanes_ + i]);
      float* weighted_sum = state.weighted_sum.data_ptr<float>() + query * dimension_;
      for (std::size_t k = 0; k < dimension_; ++k)
        weighted_sum[k] = static_cast<float>(sums_[(2 + k) * lanes_ + i]);
    }
  }

 private:
  /// Puts a query, and its mirror image if any is far, into lane i.
  void place(std::size_t i, const float* x, double signal, double radius, double scale) {
    const auto [shrinkage, removed] = refer(x, dimension_, signal, radius, scale);
    if (removed > 0.0 && mirrored_.empty()) mirrored_ = x_;  // of the lanes before, which are near
    removed_[i] = removed;
    for (std::size_t k = 0; k < dimension_; ++k) {
      const double m = x[k] / signal;
      x_[k * lanes_ + i] = static_cast<float>(shrinkage * m);
      if (!mirrored_.empty()) mirrored_[k * lanes_ + i] = static_cast<float>((2.0 - shrinkage) * m);
    }
  }

  std::size_t lanes_, first_, dimension_, count_;
  std::vector<float> x_, mirrored_, contexts_;
  std::vector<double> removed_;
  std::vector<float> log_max_;
  std::vector<double> sums_;
};

}  // namespace

bool suits_direct_state(const torch::Tensor& x, NoiseLevel noise) {
  return x.device().is_cpu() && noise.signal >= weakest_signal;
}

RatioState direct_state(const Queries& any_queries, std::span<const DataBlock> blocks,
                        NoiseLevel noise, Weights weights) {
  const Queries queries(any_queries.x.contiguous(), any_queries.contexts.defined()
                                                        ? any_queries.contexts.contiguous()
                                                        : any_queries.contexts);
  const auto shape = shape_of(queries, blocks, noise);
  const auto pieces = pieces_of(blocks, weights);
  const auto lanes = static_cast<std::int64_t>(kernel_lanes());
  const double radius = largest_radius(blocks);
  auto state = RatioState::empty(queries.size(), queries.x.size(1));
  const auto count = (queries.size() + lanes - 1) / lanes;
  at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
    std::vector<QueryGroup> groups;
    for (std::int64_t group = begin; group < end; ++group)
      groups.emplace_back(queries, group * lanes, noise.signal, radius, shape);
    for (const auto& piece : pieces)
      for (auto& group : groups) group.add(shape, piece);
    for (const auto& group : groups) group.write(state, shape.scale);
  });
  return state;
}

}  // namespace tropism::score
