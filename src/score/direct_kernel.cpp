// SPDX-License-Identifier: MIT
// Compiled by Highway once for each instruction set. Queries lie in lanes, so nothing is summed
// across a vector, and a number of the data is read once for all lanes.
#include "direct_kernel.hpp"

#include <algorithm>

// Arrays of vectors need a width that is known when compiling.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "direct_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway demands.
#include <hwy/highway.h>
#include <tropism/base/vector_exp2-inl.h>
#include "tile_logits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tropism::score::HWY_NAMESPACE {

using base::HWY_NAMESPACE::exp2_of_negative;

constexpr std::size_t most_tile_rows = 128;  // logits of a tile take half of the first-level cache;
// so few long rows that their pages stay in the first-level table of translations
constexpr std::size_t tile_rows_of_long_rows = 64;

HWY_INLINE void add_to_line(Vector value, double* HWY_RESTRICT sums) {
  HWY_ALIGN float numbers[width];
  hn::Store(value, Lanes(), numbers);
  for (std::size_t i = 0; i < width; ++i) sums[i] += static_cast<double>(numbers[i]);
}

/// Refers the sums of one vector of queries to a larger maximum.
HWY_INLINE void raise_maximum(std::size_t dimension, Vector best, float* log_max, double* sums) {
  const Lanes d;
  const auto old = hn::LoadU(d, log_max);
  const auto raised = hn::Gt(best, old);
  if (hn::AllFalse(d, raised)) return;
  HWY_ALIGN float scale[width];
  hn::StoreU(
      hn::IfThenElse(raised, exp2_of_negative(Lanes(), hn::Sub(old, best)), hn::Set(d, 1.0F)), d,
      scale);
  hn::StoreU(hn::IfThenElse(raised, best, old), d, log_max);
  for (std::size_t i = 0; i < width; ++i)  // the sum of squares once more
    sums[line + i] *= static_cast<double>(scale[i]);
  for (std::size_t k = 0; k < 2 + dimension; ++k)
    for (std::size_t i = 0; i < width; ++i) sums[k * line + i] *= static_cast<double>(scale[i]);
}

/// Replaces logits by e = 2^{logit - log_max}; adds e, e^2 and, for the first K coordinates, e x_j.
template <std::size_t Q, std::size_t K>
HWY_INLINE void exponentiate(const float* HWY_RESTRICT rows, std::size_t stride, std::size_t count,
                             float* HWY_RESTRICT tile, const float* log_max, double* sums) {
  const Lanes d;
  Vector top[Q], weight[Q], squared[Q], sum[K + 1][Q];
  for (std::size_t q = 0; q < Q; ++q) {
    const auto most = hn::LoadU(d, log_max + q * width);
    top[q] = hn::IfThenElse(hn::Eq(most, hn::Set(d, minus_infinity)), hn::Zero(d), most);
    weight[q] = squared[q] = hn::Zero(d);
    for (std::size_t k = 0; k < K; ++k) sum[k][q] = hn::Zero(d);
  }
  for (std::size_t j = 0; j < count; ++j)
    for (std::size_t q = 0; q < Q; ++q) {
      float* place = tile + j * line + q * width;
      const auto e = exp2_of_negative(Lanes(), hn::Sub(hn::LoadU(d, place), top[q]));
      weight[q] = hn::Add(weight[q], e);
      squared[q] = hn::MulAdd(e, e, squared[q]);
      for (std::size_t k = 0; k < K; ++k)
        sum[k][q] = hn::MulAdd(e, hn::Set(d, rows[j * stride + k]), sum[k][q]);
      if (K == 0) hn::StoreU(e, d, place);
    }
  for (std::size_t q = 0; q < Q; ++q) {
    add_to_line(weight[q], sums + q * width);
    add_to_line(squared[q], sums + line + q * width);
    for (std::size_t k = 0; k < K; ++k) add_to_line(sum[k][q], sums + (2 + k) * line + q * width);
  }
}

/// Adds e x_j for K coordinates.
template <std::size_t Q, std::size_t K>
HWY_INLINE void weighted_sums(const float* HWY_RESTRICT rows, std::size_t stride, std::size_t count,
                              const float* HWY_RESTRICT tile, double* sums) {
  const Lanes d;
  Vector sum[K][Q];
  for (std::size_t k = 0; k < K; ++k)
    for (std::size_t q = 0; q < Q; ++q) sum[k][q] = hn::Zero(d);
  for (std::size_t j = 0; j < count; ++j)
    for (std::size_t k = 0; k < K; ++k) {
      const auto coordinate = hn::Set(d, rows[j * stride + k]);
      for (std::size_t q = 0; q < Q; ++q)
        sum[k][q] = hn::MulAdd(hn::LoadU(d, tile + j * line + q * width), coordinate, sum[k][q]);
    }
  for (std::size_t k = 0; k < K; ++k)
    for (std::size_t q = 0; q < Q; ++q) add_to_line(sum[k][q], sums + k * line + q * width);
}

template <std::size_t Q>
HWY_INLINE void add_weighted(const float* rows, std::size_t dimension, std::size_t count,
                             float* tile, const float* log_max, double* sums) {
  switch (dimension) {
    case 1:
      return exponentiate<Q, 1>(rows, 1, count, tile, log_max, sums);
    case 2:
      return exponentiate<Q, 2>(rows, 2, count, tile, log_max, sums);
    case 3:
      return exponentiate<Q, 3>(rows, 3, count, tile, log_max, sums);
    case 4:
      return exponentiate<Q, 4>(rows, 4, count, tile, log_max, sums);
    default:
      break;
  }
  exponentiate<Q, 0>(rows, dimension, count, tile, log_max, sums);
  std::size_t k = 0;
  for (; k + 8 <= dimension; k += 8)
    weighted_sums<Q, 8>(rows + k, dimension, count, tile, sums + (2 + k) * line);
  for (; k < dimension; ++k)
    weighted_sums<Q, 1>(rows + k, dimension, count, tile, sums + (2 + k) * line);
}

/// Rows [first, first + count).
HWY_INLINE KernelRows part_of(const KernelShape& shape, const KernelRows& rows, std::size_t first,
                              std::size_t count) {
  return {.x = rows.x + first * shape.dimension,
          .log_weights = rows.log_weights != nullptr ? rows.log_weights + first : nullptr,
          .squares = rows.squares + first,
          .contexts =
              rows.contexts != nullptr ? rows.contexts + first * shape.context_dimension : nullptr,
          .num_rows = count};
}

template <std::size_t Q>
HWY_INLINE void add_tile(const KernelShape& shape, const KernelRows& rows,
                         const KernelQueries& queries) {
  const Lanes d;
  HWY_ALIGN float tile[most_tile_rows * line];
  HWY_ALIGN float context_squares[most_tile_rows * line];
  sum_tile<Q>(shape, queries, rows.x, rows.num_rows, tile);
  if (shape.context_kernel != ContextKernel::none) {
    const KernelQueries contexts = {.x = queries.contexts};
    sum_tile<Q, Term::square>(contexts, rows.contexts, shape.context_dimension, rows.num_rows,
                              context_squares);
  }
  Vector best[Q];
  for (std::size_t q = 0; q < Q; ++q) best[q] = hn::Set(d, minus_infinity);
  to_logits<Q>(shape, rows, context_squares, tile, best);
  for (std::size_t q = 0; q < Q; ++q)
    raise_maximum(shape.dimension, best[q], queries.log_max + q * width, queries.sums + q * width);
  add_weighted<Q>(rows.x, shape.dimension, rows.num_rows, tile, queries.log_max, queries.sums);
}

template <std::size_t Q>
HWY_INLINE void add_tiles(const KernelShape& shape, const KernelRows& rows,
                          const KernelQueries& queries) {
  const std::size_t most = shape.dimension <= coordinates ? most_tile_rows : tile_rows_of_long_rows;
  for (std::size_t first = 0; first < rows.num_rows; first += most)
    add_tile<Q>(shape, part_of(shape, rows, first, std::min(most, rows.num_rows - first)), queries);
}

void add_rows_to_all(const KernelShape& shape, const KernelRows& rows,
                     const KernelQueries& queries) {
  add_tiles<2>(shape, rows, queries);
}

void add_rows_to_half(const KernelShape& shape, const KernelRows& rows,
                      const KernelQueries& queries) {
  add_tiles<1>(shape, rows, queries);
}

std::size_t lanes_of_group() {
  return line;
}

const char* target_name() {
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace tropism::score::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tropism::score {

HWY_EXPORT(add_rows_to_all);
HWY_EXPORT(add_rows_to_half);
HWY_EXPORT(lanes_of_group);
HWY_EXPORT(target_name);

std::size_t kernel_lanes() {
  return HWY_DYNAMIC_DISPATCH(lanes_of_group)();
}

const char* kernel_target() {
  return HWY_DYNAMIC_DISPATCH(target_name)();
}

void add_rows(const KernelShape& shape, const KernelRows& rows, const KernelQueries& queries,
              bool half) {
  if (half)
    HWY_DYNAMIC_DISPATCH(add_rows_to_half)(shape, rows, queries);
  else
    HWY_DYNAMIC_DISPATCH(add_rows_to_all)(shape, rows, queries);
}

}  // namespace tropism::score
#endif
