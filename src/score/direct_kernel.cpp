// SPDX-License-Identifier: MIT
// The only file that knows Highway: it is compiled once for each instruction set.
#include "direct_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "direct_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway demands.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tropism::score::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::ScalableTag<float>;

constexpr std::size_t tile_rows = 512;  // logits of a tile stay in the first-level cache
// Logit of a padded row: its weight is 0. Where no row has a finite logit, the maximum stays
// -infinity and the estimate is refused.
constexpr float beyond_the_data = -std::numeric_limits<float>::infinity();

/// Logits -|x - a x_j|^2 / (2v) of rows [first, first + count) into `logits`; whole vectors are
/// written.
HWY_INLINE void squared_distances(const DirectQuery& query, std::size_t first, std::size_t count,
                                  float* HWY_RESTRICT logits) {
  const Lanes d;
  const auto a = hn::Set(d, query.signal), scale = hn::Set(d, -query.half_precision);
  for (std::size_t j = 0; j < count; j += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (std::size_t k = 0; k < query.dimension; ++k) {
      const auto column = hn::LoadU(d, query.columns + k * query.stride + first + j);
      const auto difference = hn::NegMulAdd(a, column, hn::Set(d, query.x[k]));
      sum = hn::MulAdd(difference, difference, sum);
    }
    hn::StoreU(hn::Mul(sum, scale), d, logits + j);
  }
}

HWY_INLINE float largest(const float* HWY_RESTRICT logits, std::size_t count) {
  const Lanes d;
  auto most = hn::Set(d, beyond_the_data);
  for (std::size_t j = 0; j < count; j += hn::Lanes(d))
    most = hn::Max(most, hn::LoadU(d, logits + j));
  return hn::GetLane(hn::MaxOfLanes(d, most));
}

/// Replaces logits by e^{logit - log_max} and adds them, and their squares, to the sums.
HWY_INLINE void exponentiate(float* HWY_RESTRICT logits, std::size_t count, DirectSums& sums) {
  const Lanes d;
  const auto log_max = hn::Set(d, sums.log_max);
  auto weight = hn::Zero(d), squared = hn::Zero(d);
  for (std::size_t j = 0; j < count; j += hn::Lanes(d)) {
    const auto e = hn::Exp(d, hn::Sub(hn::LoadU(d, logits + j), log_max));
    hn::StoreU(e, d, logits + j);
    weight = hn::Add(weight, e);
    squared = hn::MulAdd(e, e, squared);
  }
  sums.weight += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, weight)));
  sums.squared_weight += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, squared)));
}

HWY_INLINE double dot(const float* HWY_RESTRICT weights, const float* HWY_RESTRICT column,
                      std::size_t count) {
  const Lanes d;
  auto sum = hn::Zero(d);
  for (std::size_t j = 0; j < count; j += hn::Lanes(d))
    sum = hn::MulAdd(hn::LoadU(d, weights + j), hn::LoadU(d, column + j), sum);
  return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
}

/// Refers the sums to a larger maximum.
HWY_INLINE void raise_maximum(const DirectQuery& query, float log_max, DirectSums& sums) {
  if (log_max <= sums.log_max) return;
  const double scale = std::exp(static_cast<double>(sums.log_max) - static_cast<double>(log_max));
  sums.weight *= scale;
  sums.squared_weight *= scale * scale;
  for (std::size_t k = 0; k < query.dimension; ++k) sums.weighted_sum[k] *= scale;
  sums.log_max = log_max;
}

HWY_INLINE void add_tile(const DirectQuery& query, std::size_t first, DirectSums& sums) {
  HWY_ALIGN float logits[tile_rows + hn::MaxLanes(Lanes())];
  const std::size_t count = std::min(tile_rows, query.num_rows - first);
  squared_distances(query, first, count, logits);
  if (query.log_weights != nullptr)
    for (std::size_t j = 0; j < count; ++j) logits[j] += query.log_weights[first + j];
  std::fill(logits + count, logits + count + hn::Lanes(Lanes()), beyond_the_data);
  raise_maximum(query, largest(logits, count), sums);
  exponentiate(logits, count, sums);
  for (std::size_t k = 0; k < query.dimension; ++k)
    sums.weighted_sum[k] += dot(logits, query.columns + k * query.stride + first, count);
}

void add_all_rows(const DirectQuery& query, DirectSums& sums) {
  for (std::size_t first = 0; first < query.num_rows; first += tile_rows)
    add_tile(query, first, sums);
}

const char* target_name() {
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace tropism::score::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tropism::score {
namespace {

HWY_EXPORT(add_all_rows);
HWY_EXPORT(target_name);

constexpr std::int64_t largest_direct_dimension = 8;
constexpr std::int64_t padding = 64;  // at least the widest vector

}  // namespace

bool suits_direct_kernel(std::int64_t dimension) {
  return dimension <= largest_direct_dimension;
}

const char* direct_kernel_target() {
  return HWY_DYNAMIC_DISPATCH(target_name)();
}

torch::Tensor padded_columns(const torch::Tensor& data) {
  const std::int64_t rows = data.size(0), padded = (rows + padding - 1) / padding * padding;
  auto columns = torch::zeros({data.size(1), padded});
  columns.narrow(1, 0, rows).copy_(data.t());
  return columns;
}

RatioState direct_state(const torch::Tensor& x, const torch::Tensor& columns, std::int64_t num_rows,
                        NoiseLevel noise, const torch::Tensor& log_weights) {
  const std::int64_t batch = x.size(0), dimension = x.size(1);
  const auto queries = x.contiguous();
  auto state = RatioState::empty(batch, dimension);
  DirectQuery query = {queries.data_ptr<float>(),
                       static_cast<std::size_t>(dimension),
                       columns.data_ptr<float>(),
                       static_cast<std::size_t>(columns.size(1)),
                       static_cast<std::size_t>(num_rows),
                       log_weights.defined() ? log_weights.data_ptr<float>() : nullptr,
                       static_cast<float>(noise.signal),
                       static_cast<float>(0.5 / noise.variance)};
  auto* log_max = state.log_max.data_ptr<float>();
  auto* weight = state.weight.data_ptr<float>();
  auto* squared_weight = state.squared_weight.data_ptr<float>();
  auto* weighted_sum = state.weighted_sum.data_ptr<float>();
  for (std::int64_t i = 0; i < batch; ++i, query.x += dimension) {
    double sum[largest_direct_dimension] = {};
    DirectSums sums = {log_max[i], 0.0, 0.0, sum};
    HWY_DYNAMIC_DISPATCH(add_all_rows)(query, sums);
    log_max[i] = sums.log_max;
    weight[i] = static_cast<float>(sums.weight);
    squared_weight[i] = static_cast<float>(sums.squared_weight);
    for (std::int64_t k = 0; k < dimension; ++k)
      weighted_sum[i * dimension + k] = static_cast<float>(sum[k]);
  }
  return state;
}

}  // namespace tropism::score
#endif
