// SPDX-License-Identifier: MIT
// Compiled by Highway once for each instruction set.
#include "mlp_kernel.hpp"

#include <algorithm>

// Arrays of vectors need a width that is known when compiling.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "mlp_forward_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway demands.
#include <hwy/highway.h>

#include "mlp_activation-inl.h"
#include "mlp_panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tropism::network::HWY_NAMESPACE {

template <Activation activation, std::size_t R, std::size_t V>
HWY_INLINE void forward_features(const KernelLayer& layer, std::size_t first,
                                 const float* HWY_RESTRICT x, float* HWY_RESTRICT values) {
  const Lanes d;
  Vector sum[R][V];
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t v = 0; v < V; ++v) sum[r][v] = hn::Set(d, layer.bias[first + r]);
  multiply<R, V>(layer.weight + first * layer.inputs, layer.inputs, 1, layer.inputs, x, sum);
  for (std::size_t r = 0; r < R; ++r)
    for (std::size_t v = 0; v < V; ++v)
      hn::Store(activated_at_once<activation>(sum[r][v]), d,
                values + (first + r) * line + v * width);
}

template <Activation activation, std::size_t V>
HWY_INLINE void forward_activated(const KernelLayer& layer, const float* x, float* values,
                                  float* slopes) {
  std::size_t first = 0;
  for (; first + most_features <= layer.outputs; first += most_features)
    forward_features<activation, most_features, V>(layer, first, x, values);
  if (const std::size_t left = layer.outputs - first; left == 3)
    forward_features<activation, 3, V>(layer, first, x, values);
  else if (left == 2)
    forward_features<activation, 2, V>(layer, first, x, values);
  else if (left == 1)
    forward_features<activation, 1, V>(layer, first, x, values);
  activate_lines<activation, V>(layer.outputs, values, slopes);
}

template <std::size_t V>
HWY_NOINLINE void forward_layer(const KernelLayer& layer, const float* x, float* values,
                                float* slopes) {
  switch (layer.activation) {
    case Activation::silu:
      return forward_activated<Activation::silu, V>(layer, x, values, slopes);
    case Activation::tanh:
      return forward_activated<Activation::tanh, V>(layer, x, values, slopes);
    case Activation::relu:
      return forward_activated<Activation::relu, V>(layer, x, values, slopes);
    case Activation::none:
      return forward_activated<Activation::none, V>(layer, x, values, slopes);
  }
}

template <std::size_t V>
HWY_INLINE void forward_panel(const KernelNetwork& network, float* panel) {
  for (std::size_t l = 0; l < network.layers().size(); ++l)
    forward_layer<V>(network.layers()[l], panel + network.input_line(l) * line,
                     panel + network.input_line(l + 1) * line,
                     panel + network.slope_line(l) * line);
}

template <std::size_t V>
HWY_INLINE void forward_vectors(const KernelNetwork& network, std::size_t used, float* panel) {
  if constexpr (V > 1)
    if (used < V) return forward_vectors<V - 1>(network, used, panel);
  forward_panel<V>(network, panel);
}

/// Rows that lie in one panel, from a lane on: whole vectors are computed, again where rows that
/// came before share one.
HWY_INLINE void forward_part(const KernelNetwork& network, const float* x, std::size_t lane,
                             std::size_t count, float* y, float* panel) {
  const std::size_t first_vector = lane / width, end_vector = (lane + count + width - 1) / width;
  to_lines(x, count, network.inputs(), panel + lane);
  forward_vectors<vectors>(network, end_vector - first_vector, panel + first_vector * width);
  from_lines(panel + network.output_line() * line + lane, count, network.outputs(), y);
}

void forward_all(const KernelNetwork& network, const float* x, std::size_t first, std::size_t count,
                 float* y, float* tape) {
  for (std::size_t done = 0; done < count;) {
    const std::size_t lane = (first + done) % line, panel = (first + done) / line;
    const std::size_t here = std::min(line - lane, count - done);
    forward_part(network, x + done * network.inputs(), lane, here, y + done * network.outputs(),
                 tape + panel * network.lines() * line);
    done += here;
  }
}

std::size_t rows_of_panel() {
  return line;
}

}  // namespace tropism::network::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tropism::network {

HWY_EXPORT(forward_all);
HWY_EXPORT(rows_of_panel);

std::size_t panel_rows() {
  return HWY_DYNAMIC_DISPATCH(rows_of_panel)();
}

void forward_rows(const KernelNetwork& network, const float* x, std::size_t first,
                  std::size_t count, float* y, float* tape) {
  HWY_DYNAMIC_DISPATCH(forward_all)(network, x, first, count, y, tape);
}

}  // namespace tropism::network
#endif
