// SPDX-License-Identifier: MIT
#include "query_group.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <tropism/base/small_dimension.hpp>
#include <tropism/base/wide_loops.hpp>

namespace tropism::score {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr double harmless_logit = 32.0;  // its round-off, 2e-6, is

const float* begin_of(const torch::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

/// Calls use(query_of), which tells the query of a lane: of queries in a row by the first of them,
/// so that loops over lanes can be vectorised.
template <class Use>
void with_queries(std::span<const std::int64_t> which, Use&& use) {
  const bool in_a_row = std::adjacent_find(which.begin(), which.end(), [](auto one, auto next) {
                          return next != one + 1;
                        }) == which.end();
  if (in_a_row)
    return use([first = static_cast<std::size_t>(which.front())](std::size_t lane) {
      return first + lane;
    });
  use([which](std::size_t lane) { return static_cast<std::size_t>(which[lane]); });
}

/// x/a of each query to its lane, line after line.
TROPISM_WIDE_LOOPS void write_points(const float* x, double inverse_signal,
                                     std::span<const std::int64_t> which, std::size_t lanes,
                                     std::size_t dimension, float* lines) {
  base::with_dimension(dimension, [=](auto D) {
    with_queries(which, [=](auto query_of) {
      for (std::size_t lane = 0; lane < which.size(); ++lane)
        for (std::size_t k = 0; k < D; ++k)
          lines[k * lanes + lane] = static_cast<float>(inverse_signal * x[query_of(lane) * D + k]);
    });
  });
}

/// Where the sums of queries go.
struct StatePointers {
  float *weight, *squared_weight, *weighted_sum;
};

/// The sums of each lane, line after line, to its query.
TROPISM_WIDE_LOOPS void write_sums(const double* sums, std::span<const std::int64_t> which,
                                   std::size_t lanes, std::size_t dimension, StatePointers to) {
  base::with_dimension(dimension, [=](auto D) {
    with_queries(which, [=](auto query_of) {
      for (std::size_t lane = 0; lane < which.size(); ++lane) {
        to.weight[query_of(lane)] = static_cast<float>(sums[lane]);
        to.squared_weight[query_of(lane)] = static_cast<float>(sums[lanes + lane]);
        for (std::size_t k = 0; k < D; ++k)
          to.weighted_sum[query_of(lane) * D + k] =
              static_cast<float>(sums[(2 + k) * lanes + lane]);
      }
    });
  });
}

/// One query, referred to the data (direct_kernel.hpp).
struct Reference {
  double shrinkage;  // r = shrinkage * m; 1 where m = x/a is not far from the data
  double removed;    // |m - r|^2
};

/// m is far if the part of the logit that all rows share would cost the digits that differ.
Reference refer(const PreparedQueries& prepared, std::size_t query) {
  const double norm = std::sqrt(prepared.squared_norms[query]);
  const double excess = norm - prepared.radius;
  if (!(prepared.shape.scale * std::max(excess, 0.0) * excess > harmless_logit) ||
      !std::isfinite(norm))
    return {1.0, 0.0};
  return {1.0 - excess / norm, excess * excess};
}

}  // namespace

KernelRows rows_of(const DataBlock& block, Weights weights, std::int64_t first,
                   std::int64_t count) {
  const auto* log_weights = weights == Weights::reward ? begin_of(block.log_weights) : nullptr;
  const auto* contexts = begin_of(block.contexts);
  return {.x = begin_of(block.x) + first * block.x.size(1),
          .log_weights = log_weights != nullptr ? log_weights + first : nullptr,
          .squares = begin_of(block.squares) + first,
          .contexts = contexts != nullptr ? contexts + first * block.contexts.size(1) : nullptr,
          .num_rows = static_cast<std::size_t>(count)};
}

QueryGroup::QueryGroup(const PreparedQueries& prepared, std::span<const std::int64_t> which,
                       Arithmetic arithmetic, std::pmr::memory_resource* memory)
    : shape_(prepared.shape),
      lanes_(kernel_lanes()),
      which_(which),
      x_(shape_.dimension * lanes_, memory),
      contexts_(shape_.context_dimension * lanes_, memory),
      mirrored_(memory),
      points_(memory),
      removed_(lanes_, memory),
      log_max_(lanes_, -infinity, memory),
      sums_((2 + shape_.dimension) * lanes_, 0.0, memory) {
  shape_.arithmetic = arithmetic;
  place(prepared);
  // m can be far from here on only: scale (|m| - radius)^2 > harmless_logit
  const double far = prepared.radius + std::sqrt(harmless_logit / shape_.scale);
  for (std::size_t lane = 0; lane < lanes_; ++lane) {
    const double squared_norm = prepared.squared_norms[query_of(lane)];
    if (arithmetic == Arithmetic::products)
      removed_[lane] = squared_norm;
    else if (!(squared_norm <= far * far))
      mirror(prepared, lane);
  }
  points_.reserve(mirrored_.size());
  for (std::size_t i = 0; i < mirrored_.size(); ++i)
    points_.push_back(0.5F * (x_[i] + mirrored_[i]));
}

std::size_t QueryGroup::bytes(const KernelShape& shape) {
  const std::size_t floats = shape.dimension + shape.context_dimension + 1;  // lines
  const std::size_t doubles = 1 + 2 + shape.dimension;
  return kernel_lanes() * (floats * sizeof(float) + doubles * sizeof(double));
}

/// Puts x/a and the context of every query into its lane; of the last query into those left over.
void QueryGroup::place(const PreparedQueries& prepared) {
  const std::size_t count = which_.size();
  write_points(prepared.points, prepared.inverse_signal, which_, lanes_, shape_.dimension,
               x_.data());
  for (std::size_t line = 0; line < x_.size(); line += lanes_)
    std::fill_n(x_.data() + line + count, lanes_ - count, x_[line + count - 1]);
  const std::size_t dimension = shape_.context_dimension;
  if (dimension == 0) return;
  const auto* contexts = begin_of(prepared.queries.contexts);
  for (std::size_t lane = 0; lane < lanes_; ++lane)
    for (std::size_t k = 0; k < dimension; ++k)
      contexts_[k * lanes_ + lane] = contexts[query_of(lane) * dimension + k];
}

/// Refers a query that is far to a point among the data and its mirror image.
void QueryGroup::mirror(const PreparedQueries& prepared, std::size_t lane) {
  const auto [shrinkage, removed] = refer(prepared, query_of(lane));
  if (shrinkage == 1.0) return;
  if (mirrored_.empty()) mirrored_ = x_;  // as it is for those that are near
  removed_[lane] = removed;
  const float* x = prepared.x(query_of(lane));
  const double of_x = shrinkage * prepared.inverse_signal,
               of_mirrored = (2.0 - shrinkage) * prepared.inverse_signal;
  for (std::size_t k = 0; k < shape_.dimension; ++k) {
    x_[k * lanes_ + lane] = static_cast<float>(of_x * x[k]);
    mirrored_[k * lanes_ + lane] = static_cast<float>(of_mirrored * x[k]);
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

void QueryGroup::take_weights(double* log_max, float* weight) {
  for (std::size_t lane = 0; lane < which_.size(); ++lane) {
    log_max[which_[lane]] = log_max_of(lane);
    weight[which_[lane]] = static_cast<float>(sums_[lane]);
  }
  std::fill(log_max_.begin(), log_max_.end(), -infinity);
  std::fill(sums_.begin(), sums_.end(), 0.0);
}

void QueryGroup::write(RatioState& state) const {
  auto* log_max = state.log_max.data_ptr<double>();
  for (std::size_t lane = 0; lane < which_.size(); ++lane) log_max[which_[lane]] = log_max_of(lane);
  write_sums(sums_.data(), which_, lanes_, shape_.dimension,
             {.weight = state.weight.data_ptr<float>(),
              .squared_weight = state.squared_weight.data_ptr<float>(),
              .weighted_sum = state.weighted_sum.data_ptr<float>()});
}

}  // namespace tropism::score
