// SPDX-License-Identifier: MIT
// Compiled by Highway once for each instruction set.
#include "mlp_kernel.hpp"

#include <algorithm>

// Arrays of vectors need a width that is known when compiling.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mlp_backward_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway demands.
#include <hwy/highway.h>

#include "mlp_panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tropism::network::HWY_NAMESPACE {

/// delta at the input of a layer: sum_k W(k, c) delta_k, for R features from c = first on.
template <std::size_t R, std::size_t V>
HWY_INLINE void backward_features(const KernelLayer& layer, std::size_t first,
                                  const float* HWY_RESTRICT delta, float* HWY_RESTRICT result) {
  const Lanes d;
  Vector sum[R][V];
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t v = 0; v < V; ++v) sum[r][v] = hn::Zero(d);
  multiply<R, V>(layer.weight + first, 1, layer.inputs, layer.outputs, delta, sum);
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t v = 0; v < V; ++v)
      hn::Store(sum[r][v], d, result + (first + r) * line + v * width);
}

template <std::size_t V>
HWY_NOINLINE void backward_layer(const KernelLayer& layer, const float* delta, float* result) {
  std::size_t first = 0;
  for (; first + most_features <= layer.inputs; first += most_features)
    backward_features<most_features, V>(layer, first, delta, result);
  for (; first < layer.inputs; ++first) backward_features<1, V>(layer, first, delta, result);
}

/// delta *= slope of the activation whose value (and slope, where it is kept) the tape holds.
HWY_INLINE void multiply_by_slope(Activation activation, const float* HWY_RESTRICT values,
                                  const float* HWY_RESTRICT slopes, std::size_t count,
                                  float* HWY_RESTRICT delta) {
  const Lanes d;
  const auto one = hn::Set(d, 1.0F);
  for (std::size_t i = 0; i < count; i += width) {
    const auto value = hn::Load(d, values + i);
    auto result = hn::Load(d, delta + i);
    if (activation == Activation::silu)
      result = hn::Mul(result, hn::Load(d, slopes + i));
    else if (activation == Activation::tanh)
      result = hn::Mul(result, hn::NegMulAdd(value, value, one));
    else if (activation == Activation::relu)
      result = hn::IfThenElseZero(hn::Gt(value, hn::Zero(d)), result);
    hn::Store(result, d, delta + i);
  }
}

HWY_INLINE float sum_of_lanes(Vector sum) {
  const Lanes d;
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

/// result[c] += sum of the lanes of sums[c].
template <std::size_t C>
HWY_INLINE void add_lanes(const Vector (&sums)[C], float* HWY_RESTRICT result) {
  for (std::size_t c = 0; c < C; ++c) result[c] += sum_of_lanes(sums[c]);
}

#if HWY_TARGET != HWY_SCALAR
/// result[c] += what lane c of every block of four holds.
template <class D>
HWY_INLINE void add_blocks(D d, hn::Vec<D> blocks, float* HWY_RESTRICT result) {
  if constexpr (hn::MaxLanes(D()) == 4) {
    hn::StoreU(hn::Add(hn::LoadU(d, result), blocks), d, result);
  } else {
    const hn::Half<D> half;
    add_blocks(half, hn::Add(hn::LowerHalf(half, blocks), hn::UpperHalf(half, blocks)), result);
  }
}

/// Four at once, with a quarter of the operations.
HWY_INLINE void add_lanes(const Vector (&sums)[4], float* HWY_RESTRICT result) {
  const Lanes d;
  const hn::RepartitionToWide<Lanes> pairs;
  // lanes of each block of four: s0 s1 s0 s1 and s2 s3 s2 s3, then s0 s1 s2 s3
  const auto low =
      hn::Add(hn::InterleaveLower(d, sums[0], sums[1]), hn::InterleaveUpper(d, sums[0], sums[1]));
  const auto high =
      hn::Add(hn::InterleaveLower(d, sums[2], sums[3]), hn::InterleaveUpper(d, sums[2], sums[3]));
  const auto a = hn::BitCast(pairs, low), b = hn::BitCast(pairs, high);
  add_blocks(d,
             hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, a, b)),
                     hn::BitCast(d, hn::InterleaveUpper(pairs, a, b))),
             result);
}
#endif

/// Lines of so many panels.
struct Panels {
  const float* lines;
  std::size_t stride;  // from panel to panel
  std::size_t count;
  std::size_t lanes_of_last;  // of whole vectors

  [[nodiscard]] std::size_t full() const { return count - (lanes_of_last < line ? 1 : 0); }
  [[nodiscard]] std::size_t lanes(std::size_t panel) const {
    return panel + 1 < count ? line : lanes_of_last;
  }
};

/// sum[r][c] += delta_r x_c over so many lanes of a panel.
template <std::size_t R, std::size_t C>
HWY_INLINE void add_products(const float* HWY_RESTRICT delta, const float* HWY_RESTRICT x,
                             std::size_t lanes, Vector (&sum)[R][C]) {
  const Lanes d;
  for (std::size_t v = 0; v < lanes; v += width) {
    Vector value[C];
    for (std::size_t c = 0; c < C; ++c) value[c] = hn::Load(d, x + c * line + v);
    for (std::size_t r = 0; r < R; ++r) {
      const auto factor = hn::Load(d, delta + r * line + v);
      for (std::size_t c = 0; c < C; ++c) sum[r][c] = hn::MulAdd(factor, value[c], sum[r][c]);
    }
  }
}

/// dW(first_r + r, first_c + c) += sum over rows of delta_r x_c.
template <std::size_t R, std::size_t C>
HWY_INLINE void weight_gradient(const Panels& delta, const Panels& x, std::size_t inputs,
                                float* HWY_RESTRICT gradient) {
  const Lanes d;
  Vector sum[R][C];
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t c = 0; c < C; ++c) sum[r][c] = hn::Zero(d);
  const float *of_delta = delta.lines, *of_x = x.lines;
  for (std::size_t p = 0; p < delta.full(); ++p, of_delta += delta.stride, of_x += x.stride)
    add_products(of_delta, of_x, line, sum);  // a number known when compiling
  if (delta.full() < delta.count) add_products(of_delta, of_x, delta.lanes_of_last, sum);
  for (std::size_t r = 0; r < R; ++r) add_lanes(sum[r], gradient + r * inputs);
}

HWY_INLINE Panels at_line(const Panels& panels, std::size_t which) {
  return {panels.lines + which * line, panels.stride, panels.count, panels.lanes_of_last};
}

template <std::size_t R>
HWY_INLINE void weight_gradients(const Panels& delta, const Panels& x, std::size_t inputs,
                                 float* gradient) {
  std::size_t c = 0;
  for (; c + 4 <= inputs; c += 4) weight_gradient<R, 4>(delta, at_line(x, c), inputs, gradient + c);
  const auto last = at_line(x, c);
  if (inputs - c == 3) weight_gradient<R, 3>(delta, last, inputs, gradient + c);
  if (inputs - c == 2) weight_gradient<R, 2>(delta, last, inputs, gradient + c);
  if (inputs - c == 1) weight_gradient<R, 1>(delta, last, inputs, gradient + c);
}

/// A line added up over the panels.
HWY_INLINE Vector sum_of_line(const Panels& panels) {
  const Lanes d;
  Vector sum[vectors];  // each waits for itself alone
  for (auto& value : sum) value = hn::Zero(d);
  for (std::size_t p = 0; p < panels.count; ++p)
    for (std::size_t v = 0; v < panels.lanes(p) / width; ++v)
      sum[v] = hn::Add(sum[v], hn::Load(d, panels.lines + p * panels.stride + v * width));
  for (std::size_t v = 1; v < vectors; ++v) sum[0] = hn::Add(sum[0], sum[v]);
  return sum[0];
}

/// Adds dW and db of a layer.
HWY_NOINLINE void parameter_gradients(const KernelLayer& layer, const Panels& delta,
                                      const Panels& x, float* gradient) {
  std::size_t r = 0;
  for (; r + 4 <= layer.outputs; r += 4)
    weight_gradients<4>(at_line(delta, r), x, layer.inputs, gradient + r * layer.inputs);
  float* of_last = gradient + r * layer.inputs;
  if (layer.outputs - r == 3) weight_gradients<3>(at_line(delta, r), x, layer.inputs, of_last);
  if (layer.outputs - r == 2) weight_gradients<2>(at_line(delta, r), x, layer.inputs, of_last);
  if (layer.outputs - r == 1) weight_gradients<1>(at_line(delta, r), x, layer.inputs, of_last);
  float* bias = gradient + layer.outputs * layer.inputs;
  for (r = 0; r < layer.outputs; ++r) bias[r] += sum_of_lanes(sum_of_line(at_line(delta, r)));
}

template <std::size_t V>
HWY_INLINE void backward_vectors(const KernelLayer& layer, std::size_t used, const float* delta,
                                 float* result) {
  if constexpr (V > 1)
    if (used < V) return backward_vectors<V - 1>(layer, used, delta, result);
  backward_layer<V>(layer, delta, result);
}

/// The panels of delta at the input of layer l, from those at its output.
HWY_INLINE void backward_panels(const KernelNetwork& network, std::size_t l, const float* tape,
                                const Panels& delta, float* result) {
  const auto& layer = network.layers()[l];
  for (std::size_t p = 0; p < delta.count; ++p) {
    const float* panel = tape + p * network.lines() * line;
    float* of_panel = result + p * delta.stride;
    backward_vectors<vectors>(layer, delta.lanes(p) / width, delta.lines + p * delta.stride,
                              of_panel);
    if (l > 0)
      multiply_by_slope(network.layers()[l - 1].activation, panel + network.input_line(l) * line,
                        panel + network.slope_line(l - 1) * line, layer.inputs * line, of_panel);
  }
}

void backward_all(const KernelNetwork& network, const float* tape, std::size_t rows,
                  const float* dy, const KernelGradients& gradients, float* scratch) {
  const std::size_t stride = network.scratch_lines() / 2 * line, panels = (rows + line - 1) / line;
  const std::size_t lanes_of_last = ((rows - 1) % line / width + 1) * width;
  float *delta = scratch, *next = scratch + panels * stride;
  for (std::size_t p = 0; p < panels; ++p) {
    const std::size_t count = std::min(line, rows - p * line);
    if (count < line) std::fill(delta + p * stride, delta + (p + 1) * stride, 0.0F);
    to_lines(dy + p * line * network.outputs(), count, network.outputs(), delta + p * stride);
  }
  for (std::size_t l = network.layers().size(); l-- > 0;) {
    const Panels of_delta = {delta, stride, panels, lanes_of_last};
    const Panels of_x = {tape + network.input_line(l) * line, network.lines() * line, panels,
                         lanes_of_last};
    if (gradients.parameters != nullptr)
      parameter_gradients(network.layers()[l], of_delta, of_x,
                          gradients.parameters + network.first_parameter(l));
    if (l == 0 && gradients.x == nullptr) return;
    backward_panels(network, l, tape, of_delta, next);
    std::swap(delta, next);
  }
  for (std::size_t p = 0; p < panels; ++p)
    from_lines(delta + p * stride, std::min(line, rows - p * line), network.inputs(),
               gradients.x + p * line * network.inputs());
}

}  // namespace tropism::network::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tropism::network {

HWY_EXPORT(backward_all);

void backward_rows(const KernelNetwork& network, const float* tape, std::size_t rows,
                   const float* dy, KernelGradients gradients, float* scratch) {
  HWY_DYNAMIC_DISPATCH(backward_all)(network, tape, rows, dy, gradients, scratch);
}

}  // namespace tropism::network
#endif
