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

/// Rows [count, features] to lines, and back.
HWY_INLINE void to_lines(const float* HWY_RESTRICT rows, std::size_t count, std::size_t features,
                         float* HWY_RESTRICT lines) {
  for (std::size_t k = 0; k < features; ++k)
    for (std::size_t i = 0; i < count; ++i) lines[k * line + i] = rows[i * features + k];
}
HWY_INLINE void from_lines(const float* HWY_RESTRICT lines, std::size_t count, std::size_t features,
                           float* HWY_RESTRICT rows) {
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < features; ++k) rows[i * features + k] = lines[k * line + i];
}

}  // namespace tropism::network::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
