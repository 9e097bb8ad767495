// SPDX-License-Identifier: MIT
// The logits of a tile: a few rows of the data at a group of queries, which lie in lanes. It is
// read again for each instruction set, hence no #pragma once.
#if defined(TROPISM_TILE_LOGITS) == defined(HWY_TARGET_TOGGLE)
#ifdef TROPISM_TILE_LOGITS
#undef TROPISM_TILE_LOGITS
#else
#define TROPISM_TILE_LOGITS
#endif

#include "direct_kernel.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include <hwy/highway.h>
// After highway.h, as Highway demands.
#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace tropism::score::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::ScalableTag<float>;
using Vector = hn::Vec<Lanes>;
constexpr std::size_t width = hn::MaxLanes(Lanes());
constexpr std::size_t line = 2 * width;  // numbers of a group of queries

// Coordinates of queries that stay in the first-level cache. Their squares are summed before they
// are added to those of other coordinates: round-off grows with the root of 64 + D/64, not of D.
constexpr std::size_t coordinates = 64;
constexpr float minus_infinity = -std::numeric_limits<float>::infinity();
constexpr float log2_e = 1.44269504F;

/// What is summed over coordinates, with x a coordinate of a query and y one of a row.
enum class Term {
  square,    // (x - y)^2
  mirrored,  // (x - y) (x' - y)
  product,   // x y
};

/// sums[r][lane] += the terms of coordinates [begin, end), for R rows and Q vectors.
template <std::size_t Q, std::size_t R, Term term>
HWY_INLINE void sum_terms(const KernelQueries& queries, const float* HWY_RESTRICT rows,
                          std::size_t stride, std::size_t begin, std::size_t end,
                          float* HWY_RESTRICT sums) {
  const Lanes d;
  const float *HWY_RESTRICT x = queries.x, *HWY_RESTRICT mirrored = queries.mirrored;
  Vector sum[R][Q];
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t q = 0; q < Q; ++q) sum[r][q] = hn::Zero(d);
  for (std::size_t k = begin; k < end; ++k)
    for (std::size_t r = 0; r < R; ++r) {
      const auto y = hn::Set(d, rows[r * stride + k]);
      for (std::size_t q = 0; q < Q; ++q) {
        const auto point = hn::LoadU(d, x + k * line + q * width);
        if constexpr (term == Term::product) {
          sum[r][q] = hn::MulAdd(point, y, sum[r][q]);
        } else {
          const auto difference = hn::Sub(point, y);
          auto other = difference;
          if constexpr (term == Term::mirrored)
            other = hn::Sub(hn::LoadU(d, mirrored + k * line + q * width), y);
          sum[r][q] = hn::MulAdd(difference, other, sum[r][q]);
        }
      }
    }
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t q = 0; q < Q; ++q) {
      float* place = sums + r * line + q * width;
      if (begin > 0) sum[r][q] = hn::Add(sum[r][q], hn::LoadU(d, place));
      hn::StoreU(sum[r][q], d, place);
    }
}

template <std::size_t Q, Term term>
HWY_INLINE void sum_tile(const KernelQueries& queries, const float* HWY_RESTRICT rows,
                         std::size_t dimension, std::size_t count, float* HWY_RESTRICT sums) {
  constexpr std::size_t R = 8;
  for (std::size_t begin = 0; begin < dimension; begin += coordinates) {
    const std::size_t end = std::min(dimension, begin + coordinates);
    std::size_t j = 0;
    for (; j + R <= count; j += R)
      sum_terms<Q, R, term>(queries, rows + j * dimension, dimension, begin, end, sums + j * line);
    for (; j < count; ++j)
      sum_terms<Q, 1, term>(queries, rows + j * dimension, dimension, begin, end, sums + j * line);
  }
}

template <std::size_t Q>
HWY_INLINE void sum_tile(const KernelShape& shape, const KernelQueries& queries, const float* rows,
                         std::size_t count, float* sums) {
  if (shape.arithmetic == Arithmetic::products)
    sum_tile<Q, Term::product>(queries, rows, shape.dimension, count, sums);
  else if (queries.mirrored != nullptr)
    sum_tile<Q, Term::mirrored>(queries, rows, shape.dimension, count, sums);
  else
    sum_tile<Q, Term::square>(queries, rows, shape.dimension, count, sums);
}

/// log2 of the context kernel at squared distances u^2: e^{-u^2/2}, or max{0, 1 - u^2}.
HWY_INLINE Vector log2_of_context_kernel(ContextKernel kernel, Vector squared) {
  const Lanes d;
  if (kernel == ContextKernel::gaussian) return hn::Mul(squared, hn::Set(d, -0.5F * log2_e));
  const auto value = hn::Sub(hn::Set(d, 1.0F), squared);
  const auto positive = hn::Gt(value, hn::Zero(d));
  const auto logarithm = hn::Log(d, hn::IfThenElse(positive, value, hn::Set(d, 1.0F)));
  return hn::IfThenElse(positive, hn::Mul(logarithm, hn::Set(d, log2_e)),
                        hn::Set(d, minus_infinity));
}

/// What a row adds to its logits at all queries.
HWY_INLINE float bias_of_row(const KernelShape& shape, const KernelRows& rows, std::size_t j) {
  const float weight = rows.log_weights != nullptr ? rows.log_weights[j] * log2_e : 0.0F;
  return shape.arithmetic == Arithmetic::products ? weight - shape.scale * rows.squares[j] : weight;
}

/// Whether rows differ in their squares alone.
HWY_INLINE bool are_squares_all(const KernelShape& shape, const KernelRows& rows) {
  return shape.arithmetic == Arithmetic::differences && rows.log_weights == nullptr &&
         shape.context_kernel == ContextKernel::none;
}

template <std::size_t Q>
HWY_INLINE void find_best(float factor, std::size_t count, const float* HWY_RESTRICT squares,
                          Vector (&best)[Q]) {
  const Lanes d;
  Vector least[Q];
  for (std::size_t q = 0; q < Q; ++q) least[q] = hn::Set(d, -minus_infinity);
  for (std::size_t j = 0; j < count; ++j)
    for (std::size_t q = 0; q < Q; ++q)
      least[q] = hn::Min(least[q], hn::Load(d, squares + j * line + q * width));
  for (std::size_t q = 0; q < Q; ++q) best[q] = hn::Mul(least[q], hn::Set(d, factor));
}

/// Turns the sums of a tile into logits, with what the row's weight and context add.
/// @return   what they are still to be multiplied by: 1, or, where they are squares, the scale
template <std::size_t Q>
HWY_INLINE float to_logits(const KernelShape& shape, const KernelRows& rows,
                           const float* HWY_RESTRICT context_squares, float* HWY_RESTRICT tile,
                           Vector (&best)[Q]) {
  const Lanes d;
  if (are_squares_all(shape, rows)) {
    find_best<Q>(-shape.scale, rows.num_rows, tile, best);
    return -shape.scale;
  }
  for (std::size_t q = 0; q < Q; ++q) best[q] = hn::Set(d, minus_infinity);
  const bool products = shape.arithmetic == Arithmetic::products;
  const auto scale = hn::Set(d, products ? 2.0F * shape.scale : -shape.scale);
  for (std::size_t j = 0; j < rows.num_rows; ++j) {
    const auto bias = hn::Set(d, bias_of_row(shape, rows, j));
    for (std::size_t q = 0; q < Q; ++q) {
      const std::size_t place = j * line + q * width;
      auto logit = hn::MulAdd(hn::LoadU(d, tile + place), scale, bias);
      if (shape.context_kernel != ContextKernel::none)
        logit = hn::Add(logit, log2_of_context_kernel(shape.context_kernel,
                                                      hn::LoadU(d, context_squares + place)));
      hn::StoreU(logit, d, tile + place);
      best[q] = hn::Max(best[q], logit);
    }
  }
  return 1.0F;
}

}  // namespace tropism::score::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
