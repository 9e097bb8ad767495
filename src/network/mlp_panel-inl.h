// SPDX-License-Identifier: MIT
// What the forward and the backward kernel of a perceptron share. Rows of the batch lie in lanes:
// layers of any width are served alike, and weights are read as they are stored. It is read again
// for each instruction set, hence no #pragma once.
#if defined(TROPISM_MLP_PANEL) == defined(HWY_TARGET_TOGGLE)
#ifdef TROPISM_MLP_PANEL
#undef TROPISM_MLP_PANEL
#else
#define TROPISM_MLP_PANEL
#endif

#include <hwy/highway.h>

#include <cstddef>

#include <tropism/base/small_dimension.hpp>

HWY_BEFORE_NAMESPACE();
namespace tropism::network::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::ScalableTag<float>;
using Vector = hn::Vec<Lanes>;
constexpr std::size_t width = hn::MaxLanes(Lanes());
// Four rows of four vectors of sums, eight to load them from: half of AVX-512's registers hide the
// latency of a multiply-add; six rows are no faster. Others have sixteen registers.
constexpr std::size_t vectors = width >= 16 ? 4 : 2;
constexpr std::size_t most_features = 4;
constexpr std::size_t line = vectors * width;  // rows of a panel

/// sum[r][v] += sum_k a(r, k) b[k], for R features and V vectors of rows.
template <std::size_t R, std::size_t V>
HWY_INLINE void multiply(const float* HWY_RESTRICT a, std::size_t feature_stride,
                         std::size_t k_stride, std::size_t count, const float* HWY_RESTRICT b,
                         Vector (&sum)[R][V]) {
  const Lanes d;
  for (std::size_t k = 0; k < count; ++k) {
    Vector x[V];
    for (std::size_t v = 0; v < V; ++v) x[v] = hn::Load(d, b + k * line + v * width);
    for (std::size_t r = 0; r < R; ++r) {
      const auto weight = hn::Set(d, a[r * feature_stride + k * k_stride]);
      for (std::size_t v = 0; v < V; ++v) sum[r][v] = hn::MulAdd(weight, x[v], sum[r][v]);
    }
  }
}

/// to(k, i) = from(i, k), for rows [0, rows) and columns [first, columns) of `from`.
HWY_INLINE void transpose_columns(const float* HWY_RESTRICT from, std::size_t from_stride,
                                  std::size_t rows, std::size_t first, std::size_t columns,
                                  float* HWY_RESTRICT to, std::size_t to_stride) {
  for (std::size_t k = first; k < columns; ++k)
    for (std::size_t i = 0; i < rows; ++i) to[k * to_stride + i] = from[i * from_stride + k];
}

#if HWY_TARGET == HWY_SCALAR
HWY_INLINE void transpose(const float* from, std::size_t from_stride, std::size_t rows,
                          std::size_t columns, float* to, std::size_t to_stride) {
  transpose_columns(from, from_stride, rows, 0, columns, to, to_stride);
}
#else
/// The same for a square of 4 x 4.
HWY_INLINE void transpose_square(const float* HWY_RESTRICT from, std::size_t from_stride,
                                 float* HWY_RESTRICT to, std::size_t to_stride) {
  const hn::FixedTag<float, 4> d;
  const hn::RepartitionToWide<hn::FixedTag<float, 4> > pairs;
  const auto r0 = hn::LoadU(d, from), r1 = hn::LoadU(d, from + from_stride),
             r2 = hn::LoadU(d, from + 2 * from_stride), r3 = hn::LoadU(d, from + 3 * from_stride);
  // 00 10 01 11, 02 12 03 13, and the same of the other two rows
  const auto a = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1)),
             b = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1)),
             c = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3)),
             e = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, a, c)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, a, c)), d, to + to_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, b, e)), d, to + 2 * to_stride);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, b, e)), d, to + 3 * to_stride);
}

/// In squares; what is left over number by number.
HWY_INLINE void transpose(const float* from, std::size_t from_stride, std::size_t rows,
                          std::size_t columns, float* to, std::size_t to_stride) {
  const std::size_t whole_columns = columns / 4 * 4;
  std::size_t i = 0;
  for (; i + 4 <= rows; i += 4)
    for (std::size_t k = 0; k < whole_columns; k += 4)
      transpose_square(from + i * from_stride + k, from_stride, to + k * to_stride + i, to_stride);
  transpose_columns(from + i * from_stride, from_stride, rows - i, 0, whole_columns, to + i,
                    to_stride);
  transpose_columns(from, from_stride, rows, whole_columns, columns, to, to_stride);
}
#endif

/// Calls copy(of_line, of_row), the places of a number, for rows [count, features] of fewer than
/// four features: there are no squares of them.
template <class Copy>
HWY_INLINE void each_number(std::size_t count, std::size_t features, Copy&& copy) {
  base::with_dimension(features, [&](auto F) {
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t k = 0; k < F; ++k) copy(k * line + i, i * F + k);
  });
}

/// Rows [count, features] to lines, and back.
HWY_INLINE void to_lines(const float* HWY_RESTRICT rows, std::size_t count, std::size_t features,
                         float* HWY_RESTRICT lines) {
  if (features >= 4) return transpose(rows, features, count, features, lines, line);
  each_number(count, features, [=](std::size_t l, std::size_t r) { lines[l] = rows[r]; });
}
HWY_INLINE void from_lines(const float* HWY_RESTRICT lines, std::size_t count, std::size_t features,
                           float* HWY_RESTRICT rows) {
  if (features >= 4) return transpose(lines, line, features, count, rows, features);
  each_number(count, features, [=](std::size_t l, std::size_t r) { rows[r] = lines[l]; });
}

}  // namespace tropism::network::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
