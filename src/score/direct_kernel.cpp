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
using base::HWY_NAMESPACE::exp2_of_negatives;

constexpr std::size_t most_tile_rows = 128;  // logits of a tile take half of the first-level cache;
// so few long rows that their pages stay in the first-level table of translations
constexpr std::size_t tile_rows_of_long_rows = 64;
constexpr std::size_t rows_at_once =
    width >= 16 ? 3 : 1;  // as many powers as there are registers for

using Doubles = hn::ScalableTag<double>;

/// sums[i] = combine(sums[i], numbers of the vector).
template <class Combine>
HWY_INLINE void change_line(Vector value, double* HWY_RESTRICT sums, Combine&& combine) {
  const Doubles d;
  const hn::Rebind<float, Doubles> part;
  HWY_ALIGN float numbers[width];
  hn::Store(value, Lanes(), numbers);
  for (std::size_t i = 0; i < width; i += hn::MaxLanes(d))
    hn::StoreU(combine(hn::LoadU(d, sums + i), hn::PromoteTo(d, hn::Load(part, numbers + i))), d,
               sums + i);
}

HWY_INLINE void add_to_line(Vector value, double* sums) {
  change_line(value, sums, [](auto sum, auto v) { return hn::Add(sum, v); });
}

HWY_INLINE void scale_line(Vector scale, double* sums) {
  change_line(scale, sums, [](auto sum, auto v) { return hn::Mul(sum, v); });
}

/// Refers the sums of one vector of queries to a larger maximum.
HWY_INLINE void raise_maximum(std::size_t dimension, Vector best, float* log_max, double* sums) {
  const Lanes d;
  const auto old = hn::LoadU(d, log_max);
  const auto raised = hn::Gt(best, old);
  if (hn::AllFalse(d, raised)) return;
  const auto scale =
      hn::IfThenElse(raised, exp2_of_negative(Lanes(), hn::Sub(old, best)), hn::Set(d, 1.0F));
  hn::StoreU(hn::IfThenElse(raised, best, old), d, log_max);
  scale_line(scale, sums + line);  // the sum of squares once more
  for (std::size_t k = 0; k < 2 + dimension; ++k) scale_line(scale, sums + k * line);
}

/// Rows of the data and their logits at a group of queries.
struct Tile {
  const float* HWY_RESTRICT x;
  std::size_t dimension, count;
  float* HWY_RESTRICT logits;  // but for a factor; then e
  float factor;

  [[nodiscard]] HWY_INLINE float* at(std::size_t j, std::size_t q) const {
    return logits + j * line + q * width;
  }
  [[nodiscard]] HWY_INLINE Vector coordinate(std::size_t j, std::size_t k) const {
    return hn::Set(Lanes(), x[j * dimension + k]);
  }
};

/// Sums over the rows of a tile: of e, e^2 and, for K coordinates, e x_j.
template <std::size_t Q, std::size_t K>
struct TileSums {
  Vector weight[Q], squared[Q], x[K + 1][Q];

  HWY_INLINE void clear() {
    for (std::size_t q = 0; q < Q; ++q) {
      weight[q] = squared[q] = hn::Zero(Lanes());
      for (std::size_t k = 0; k < K; ++k) x[k][q] = hn::Zero(Lanes());
    }
  }
  HWY_INLINE void add(const Tile& tile, std::size_t j, const Vector* e) {
    for (std::size_t q = 0; q < Q; ++q) {
      weight[q] = hn::Add(weight[q], e[q]);
      squared[q] = hn::MulAdd(e[q], e[q], squared[q]);
      for (std::size_t k = 0; k < K; ++k)
        x[k][q] = hn::MulAdd(e[q], tile.coordinate(j, k), x[k][q]);
    }
  }
  HWY_INLINE void add_to(double* sums) const {
    for (std::size_t q = 0; q < Q; ++q) {
      add_to_line(weight[q], sums + q * width);
      add_to_line(squared[q], sums + line + q * width);
      for (std::size_t k = 0; k < K; ++k) add_to_line(x[k][q], sums + (2 + k) * line + q * width);
    }
  }
};

/// Adds e = 2^{logit - top} of R rows; keeps it in the place of the logits for K = 0.
template <std::size_t R, std::size_t Q, std::size_t K>
HWY_INLINE void add_exponentials(const Tile& tile, std::size_t first, const Vector (&top)[Q],
                                 TileSums<Q, K>& sums) {
  const Lanes d;
  Vector e[R * Q];
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t q = 0; q < Q; ++q)
      e[r * Q + q] = hn::Sub(  // rounded as top was, so that none is above 1
          hn::Mul(hn::Load(d, tile.at(first + r, q)), hn::Set(d, tile.factor)), top[q]);
  exp2_of_negatives(d, e);
  for (std::size_t r = 0; r < R; ++r) {
    sums.add(tile, first + r, e + r * Q);
    for (std::size_t q = 0; K == 0 && q < Q; ++q) hn::Store(e[r * Q + q], d, tile.at(first + r, q));
  }
}

template <std::size_t Q, std::size_t K>
HWY_INLINE void exponentiate(const Tile& tile, const float* log_max, double* all_sums) {
  const Lanes d;
  Vector top[Q];
  for (std::size_t q = 0; q < Q; ++q) {
    const auto most = hn::LoadU(d, log_max + q * width);
    top[q] = hn::IfThenElse(hn::Eq(most, hn::Set(d, minus_infinity)), hn::Zero(d), most);
  }
  TileSums<Q, K> sums;
  sums.clear();
  std::size_t j = 0;
  for (; j + rows_at_once <= tile.count; j += rows_at_once)
    add_exponentials<rows_at_once>(tile, j, top, sums);
  for (; j < tile.count; ++j) add_exponentials<1>(tile, j, top, sums);
  sums.add_to(all_sums);
}

/// Adds e x_j for K coordinates from k = first on.
template <std::size_t Q, std::size_t K>
HWY_INLINE void weighted_sums(const Tile& tile, std::size_t first, double* sums) {
  const Lanes d;
  Vector sum[K][Q];
  for (std::size_t k = 0; k < K; ++k)
    for (std::size_t q = 0; q < Q; ++q) sum[k][q] = hn::Zero(d);
  for (std::size_t j = 0; j < tile.count; ++j)
    for (std::size_t k = 0; k < K; ++k) {
      const auto coordinate = tile.coordinate(j, first + k);
      for (std::size_t q = 0; q < Q; ++q)
        sum[k][q] = hn::MulAdd(hn::Load(d, tile.at(j, q)), coordinate, sum[k][q]);
    }
  for (std::size_t k = 0; k < K; ++k)
    for (std::size_t q = 0; q < Q; ++q)
      add_to_line(sum[k][q], sums + (2 + first + k) * line + q * width);
}

template <std::size_t Q>
HWY_INLINE void add_weighted(const Tile& tile, const float* log_max, double* sums) {
  switch (tile.dimension) {
    case 1:
      return exponentiate<Q, 1>(tile, log_max, sums);
    case 2:
      return exponentiate<Q, 2>(tile, log_max, sums);
    case 3:
      return exponentiate<Q, 3>(tile, log_max, sums);
    case 4:
      return exponentiate<Q, 4>(tile, log_max, sums);
    default:
      break;
  }
  exponentiate<Q, 0>(tile, log_max, sums);
  std::size_t k = 0;
  for (; k + 8 <= tile.dimension; k += 8) weighted_sums<Q, 8>(tile, k, sums);
  for (; k < tile.dimension; ++k) weighted_sums<Q, 1>(tile, k, sums);
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
  HWY_ALIGN float tile[most_tile_rows * line];
  HWY_ALIGN float context_squares[most_tile_rows * line];
  sum_tile<Q>(shape, queries, rows.x, rows.num_rows, tile);
  if (shape.context_kernel != ContextKernel::none) {
    const KernelQueries contexts = {.x = queries.contexts};
    sum_tile<Q, Term::square>(contexts, rows.contexts, shape.context_dimension, rows.num_rows,
                              context_squares);
  }
  Vector best[Q];
  const float factor = to_logits<Q>(shape, rows, context_squares, tile, best);
  for (std::size_t q = 0; q < Q; ++q)
    raise_maximum(shape.dimension, best[q], queries.log_max + q * width, queries.sums + q * width);
  add_weighted<Q>({rows.x, shape.dimension, rows.num_rows, tile, factor}, queries.log_max,
                  queries.sums);
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
