// SPDX-License-Identifier: MIT
#include "query_group.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

namespace tropism::score {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr double harmless_logit = 32.0;  // its round-off, 2e-6, is

const float* begin_of(const torch::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
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

}  // namespace

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

KernelRows rows_of(const DataBlock& block, Weights weights, std::int64_t first,
                   std::int64_t count) {
  const auto* log_weights = weights == Weights::reward ? begin_of(block.log_weights) : nullptr;
  const auto* contexts = begin_of(block.contexts);
  return {.x = begin_of(block.x) + first * block.x.size(1),
          .log_weights = log_weights != nullptr ? log_weights + first : nullptr,
          .contexts = contexts != nullptr ? contexts + first * block.contexts.size(1) : nullptr,
          .num_rows = static_cast<std::size_t>(count)};
}

double largest_radius(std::span<const DataBlock> blocks) {
  double radius = 0.0;
  for (const auto& block : blocks) radius = std::max(radius, block.radius);
  return radius;
}

QueryGroup::QueryGroup(const Queries& queries, std::span<const std::int64_t> which, double signal,
                       double radius, const KernelShape& shape)
    : shape_(shape),
      lanes_(kernel_lanes()),
      which_(which.begin(), which.end()),
      x_(shape.dimension * lanes_),
      contexts_(shape.context_dimension * lanes_),
      removed_(lanes_),
      log_max_(lanes_, -infinity),
      sums_((2 + shape.dimension) * lanes_, 0.0) {
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    const auto query = static_cast<std::size_t>(which_[std::min(lane, which_.size() - 1)]);
    place(lane, begin_of(queries.x) + query * shape.dimension, signal, radius);
    for (std::size_t k = 0; k < shape.context_dimension; ++k)
      contexts_[k * lanes_ + lane] =
          begin_of(queries.contexts)[query * shape.context_dimension + k];
  }
  for (std::size_t i = 0; i < mirrored_.size(); ++i)
    points_.push_back(0.5F * (x_[i] + mirrored_[i]));
}

/// Puts a query, and its mirror image if any of the group is far, into a lane.
void QueryGroup::place(std::size_t lane, const float* x, double signal, double radius) {
  const auto [shrinkage, removed] = refer(x, shape_.dimension, signal, radius, shape_.scale);
  if (removed > 0.0 && mirrored_.empty()) mirrored_ = x_;  // of the lanes before, which are near
  removed_[lane] = removed;
  for (std::size_t k = 0; k < shape_.dimension; ++k) {
    const double m = x[k] / signal;
    x_[k * lanes_ + lane] = static_cast<float>(shrinkage * m);
    if (!mirrored_.empty())
      mirrored_[k * lanes_ + lane] = static_cast<float>((2.0 - shrinkage) * m);
  }
}

void QueryGroup::add(const KernelRows& rows) {
  const KernelQueries queries = {x_.data(), mirrored_.empty() ? nullptr : mirrored_.data(),
                                 contexts_.data(), log_max_.data(), sums_.data()};
  add_rows(shape_, rows, queries, 2 * which_.size() <= lanes_);
}

void QueryGroup::log2_sums(std::vector<float>& bounds) const {
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    const auto exponent = static_cast<int>(std::bit_cast<std::uint64_t>(sums_[lane]) >> 52) - 1023;
    bounds[lane] = sums_[lane] > 0.0 ? log_max_[lane] + static_cast<float>(exponent) : -infinity;
  }
}

void QueryGroup::write(RatioState& state) const {
  const std::size_t dimension = shape_.dimension;
  for (std::size_t lane = 0; lane < which_.size(); ++lane) {
    const auto query = static_cast<std::size_t>(which_[lane]);
    state.log_max.data_ptr<double>()[query] =
        (static_cast<double>(log_max_[lane]) - shape_.scale * removed_[lane]) * std::numbers::ln2;
    state.weight.data_ptr<float>()[query] = static_cast<float>(sums_[lane]);
    state.squared_weight.data_ptr<float>()[query] = static_cast<float>(sums_[lanes_ + lane]);
    float* weighted_sum = state.weighted_sum.data_ptr<float>() + query * dimension;
    for (std::size_t k = 0; k < dimension; ++k)
      weighted_sum[k] = static_cast<float>(sums_[(2 + k) * lanes_ + lane]);
  }
}

}  // namespace tropism::score
