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

// Sums of so many deltas with four inputs stay in registers, of which AVX-512 has 32.
constexpr std::size_t most_deltas = width >= 16 ? 6 : 4;

/// What the tape holds of the features that a layer takes: outputs of an activation.
struct Inputs {
  Activation activation;
  const float* values;
  const float* slopes;  // where the value does not tell them

  [[nodiscard]] Inputs at(std::size_t place) const {
    return {activation, values + place, slopes + place};
  }
};

/// delta times the slope of the activation.
template <Activation activation>
HWY_INLINE Vector before_activation(Vector delta, const Inputs& inputs) {
  const Lanes d;
  if constexpr (activation == Activation::silu) return hn::Mul(delta, hn::Load(d, inputs.slopes));
  if constexpr (activation == Activation::none) return delta;
  const auto value = hn::Load(d, inputs.values);
  if constexpr (activation == Activation::tanh)
    return hn::Mul(delta, hn::NegMulAdd(value, value, hn::Set(d, 1.0F)));
  return hn::IfThenElseZero(hn::Gt(value, hn::Zero(d)), delta);  // relu
}

/// delta before the activation of a layer's inputs: slope_c sum_k W(k, c) delta_k, for R features
/// from c = first on.
template <Activation activation, std::size_t R, std::size_t V>
HWY_INLINE void backward_features(const KernelLayer& layer, std::size_t first,
                                  const float* HWY_RESTRICT delta, const Inputs& inputs,
                                  float* HWY_RESTRICT result) {
  const Lanes d;
  Vector sum[R][V];
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t v = 0; v < V; ++v) sum[r][v] = hn::Zero(d);
  multiply<R, V>(layer.weight + first, 1, layer.inputs, layer.outputs, delta, sum);
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t v = 0; v < V; ++v) {
      const std::size_t place = (first + r) * line + v * width;
      hn::Store(before_activation<activation>(sum[r][v], inputs.at(place)), d, result + place);
    }
}

template <Activation activation, std::size_t V>
HWY_INLINE void backward_activated(const KernelLayer& layer, const float* delta,
                                   const Inputs& inputs, float* result) {
  std::size_t first = 0;
  for (; first + most_features <= layer.inputs; first += most_features)
    backward_features<activation, most_features, V>(layer, first, delta, inputs, result);
  for (; first < layer.inputs; ++first)
    backward_features<activation, 1, V>(layer, first, delta, inputs, result);
}

template <std::size_t V>
HWY_NOINLINE void backward_layer(const KernelLayer& layer, const float* delta, const Inputs& inputs,
                                 float* result) {
  switch (inputs.activation) {
    case Activation::silu:
      return backward_activated<Activation::silu, V>(layer, delta, inputs, result);
    case Activation::tanh:
      return backward_activated<Activation::tanh, V>(layer, delta, inputs, result);
    case Activation::relu:
      return backward_activated<Activation::relu, V>(layer, delta, inputs, result);
    case Activation::none:
      return backward_activated<Activation::none, V>(layer, delta, inputs, result);
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

/// Of R deltas and C inputs: sums over rows, in lanes.
template <std::size_t R, std::size_t C>
struct Sums {
  Vector products[R][C];  // of delta_r x_c
  Vector deltas[R];
};

/// Adds so many lanes of a panel.
template <bool with_bias, std::size_t R, std::size_t C>
HWY_INLINE void add_products(const float* HWY_RESTRICT delta, const float* HWY_RESTRICT x,
                             std::size_t lanes, Sums<R, C>& sums) {
  const Lanes d;
  for (std::size_t v = 0; v < lanes; v += width) {
    Vector value[C];
    for (std::size_t c = 0; c < C; ++c) value[c] = hn::Load(d, x + c * line + v);
    for (std::size_t r = 0; r < R; ++r) {
      const auto factor = hn::Load(d, delta + r * line + v);
      for (std::size_t c = 0; c < C; ++c)
        sums.products[r][c] = hn::MulAdd(factor, value[c], sums.products[r][c]);
      if constexpr (with_bias) sums.deltas[r] = hn::Add(sums.deltas[r], factor);
    }
  }
}

template <bool with_bias, std::size_t R, std::size_t C>
HWY_INLINE Sums<R, C> sums_over_panels(const Panels& delta, const Panels& x) {
  const Lanes d;
  Sums<R, C> sums;
  for (std::size_t r = 0; r < R; ++r) {
    sums.deltas[r] = hn::Zero(d);
    for (std::size_t c = 0; c < C; ++c) sums.products[r][c] = hn::Zero(d);
  }
  const float *of_delta = delta.lines, *of_x = x.lines;
  for (std::size_t p = 0; p < delta.full(); ++p, of_delta += delta.stride, of_x += x.stride)
    add_products<with_bias>(of_delta, of_x, line, sums);  // a number known when compiling
  if (delta.full() < delta.count)
    add_products<with_bias>(of_delta, of_x, delta.lanes_of_last, sums);
  return sums;
}

/// dW(first_r + r, first_c + c) += sum over rows of delta_r x_c; db(first_r + r) += that of
/// delta_r, unless bias is null.
template <std::size_t R, std::size_t C>
HWY_INLINE void weight_gradient(const Panels& delta, const Panels& x, std::size_t inputs,
                                float* HWY_RESTRICT gradient, float* HWY_RESTRICT bias) {
  const auto sums = bias != nullptr ? sums_over_panels<true, R, C>(delta, x)
                                    : sums_over_panels<false, R, C>(delta, x);
  for (std::size_t r = 0; r < R; ++r) add_lanes(sums.products[r], gradient + r * inputs);
  if (bias != nullptr) add_lanes(sums.deltas, bias);
}

HWY_INLINE Panels at_line(const Panels& panels, std::size_t which) {
  return {panels.lines + which * line, panels.stride, panels.count, panels.lanes_of_last};
}

template <std::size_t R>
HWY_INLINE void weight_gradients(const Panels& delta, const Panels& x, std::size_t inputs,
                                 float* gradient, float* bias) {
  std::size_t c = 0;
  for (; c + 4 <= inputs; c += 4, bias = nullptr)  // once is enough
    weight_gradient<R, 4>(delta, at_line(x, c), inputs, gradient + c, bias);
  const auto last = at_line(x, c);
  if (inputs - c == 3) weight_gradient<R, 3>(delta, last, inputs, gradient + c, bias);
  if (inputs - c == 2) weight_gradient<R, 2>(delta, last, inputs, gradient + c, bias);
  if (inputs - c == 1) weight_gradient<R, 1>(delta, last, inputs, gradient + c, bias);
}

/// Of the last deltas, fewer than R.
template <std::size_t R>
HWY_INLINE void last_gradients(std::size_t left, const Panels& delta, const Panels& x,
                               std::size_t inputs, float* gradient, float* bias) {
  if constexpr (R > 1) {
    if (left == R - 1) return weight_gradients<R - 1>(delta, x, inputs, gradient, bias);
    last_gradients<R - 1>(left, delta, x, inputs, gradient, bias);
  }
}

/// Adds dW and db of a layer.
HWY_NOINLINE void parameter_gradients(const KernelLayer& layer, const Panels& delta,
                                      const Panels& x, float* gradient) {
  const std::size_t inputs = layer.inputs;
  float* bias = gradient + layer.outputs * inputs;
  std::size_t r = 0;
  for (; r + most_deltas <= layer.outputs; r += most_deltas)
    weight_gradients<most_deltas>(at_line(delta, r), x, inputs, gradient + r * inputs, bias + r);
  last_gradients<most_deltas>(layer.outputs - r, at_line(delta, r), x, inputs,
                              gradient + r * inputs, bias + r);
}

template <std::size_t V>
HWY_INLINE void backward_vectors(const KernelLayer& layer, std::size_t used, const float* delta,
                                 const Inputs& inputs, float* result) {
  if constexpr (V > 1)
    if (used < V) return backward_vectors<V - 1>(layer, used, delta, inputs, result);
  backward_layer<V>(layer, delta, inputs, result);
}

/// What layer l takes, in the first panel. The network's own input was not activated.
HWY_INLINE Inputs inputs_of(const KernelNetwork& network, std::size_t l, const float* tape) {
  const float* values = tape + network.input_line(l) * line;
  if (l == 0) return {Activation::none, values, values};
  return {network.layers()[l - 1].activation, values, tape + network.slope_line(l - 1) * line};
}

/// The panels of delta before what layer l takes was activated, from those at its output.
HWY_INLINE void backward_panels(const KernelNetwork& network, std::size_t l, const float* tape,
                                const Panels& delta, float* result) {
  const auto inputs = inputs_of(network, l, tape);
  for (std::size_t p = 0; p < delta.count; ++p)
    backward_vectors<vectors>(network.layers()[l], delta.lanes(p) / width,
                              delta.lines + p * delta.stride, inputs.at(p * network.lines() * line),
                              result + p * delta.stride);
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
