// SPDX-License-Identifier: MIT
// Activations. It is read again for each instruction set, hence no #pragma once.
#if defined(TROPISM_MLP_ACTIVATION) == defined(HWY_TARGET_TOGGLE)
#ifdef TROPISM_MLP_ACTIVATION
#undef TROPISM_MLP_ACTIVATION
#else
#define TROPISM_MLP_ACTIVATION
#endif

#include <hwy/highway.h>
#include <tropism/base/vector_exp2-inl.h>

#include "mlp_panel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tropism::network::HWY_NAMESPACE {

constexpr float log2_e = 1.44269504F;

/// 1/x for x in [1, 2], by one step of Newton's method from the processor's estimate: a third of
/// the time of a division, and a relative error below 2e-7.
HWY_INLINE Vector reciprocal(Vector x) {
  const auto estimate = hn::ApproximateReciprocal(x);
  return hn::Mul(estimate, hn::NegMulAdd(x, estimate, hn::Set(Lanes(), 2.0F)));
}

/// z s(z) in place of z, and s + z s (1 - s), with s(z) = 1/(1 + e^{-z}).
template <std::size_t V>
HWY_INLINE void silu(Vector (&z)[V], Vector (&slope)[V]) {
  const Lanes d;
  const auto one = hn::Set(d, 1.0F);
  Vector e[V];
  for (std::size_t v = 0; v < V; ++v) e[v] = hn::Mul(hn::Abs(z[v]), hn::Set(d, -log2_e));
  base::HWY_NAMESPACE::exp2_of_negatives(d, e);
  for (std::size_t v = 0; v < V; ++v) {
    const auto above = hn::Ge(z[v], hn::Zero(d));
    const auto s = hn::Mul(hn::IfThenElse(above, one, e[v]), reciprocal(hn::Add(one, e[v])));
    z[v] = hn::Mul(z[v], s);
    slope[v] = hn::MulAdd(z[v], hn::Sub(one, s), s);
  }
}

/// 1 - 2/(1 + e^{2z}) in place of z, by one step of Newton's method for the quotient; NaN stays
/// NaN.
template <std::size_t V>
HWY_INLINE void hyperbolic_tangent(Vector (&z)[V]) {
  const Lanes d;
  const auto half = hn::Set(d, 0.5F), most = hn::Set(d, 10.0F);  // tanh 10 is 1 to round-off
  Vector e[V], estimate[V];
  for (std::size_t v = 0; v < V; ++v) e[v] = hn::Min(hn::Max(z[v], hn::Neg(most)), most);
  base::HWY_NAMESPACE::exp2_of_products(d, e, hn::Set(d, 2.0F * log2_e));
  for (std::size_t v = 0; v < V; ++v) e[v] = hn::MulAdd(e[v], half, half);
  for (std::size_t v = 0; v < V; ++v) estimate[v] = hn::ApproximateReciprocal(e[v]);
  for (std::size_t v = 0; v < V; ++v) e[v] = hn::NegMulAdd(e[v], estimate[v], hn::Set(d, 2.0F));
  for (std::size_t v = 0; v < V; ++v) {
    const auto value = hn::NegMulAdd(estimate[v], e[v], hn::Set(d, 1.0F));
    z[v] = hn::IfThenElse(hn::IsNaN(z[v]), z[v], value);
  }
}

/// Of activations that take an operation or none, what becomes of a sum before it is stored.
template <Activation activation>
HWY_INLINE Vector activated_at_once(Vector z) {
  const Lanes d;
  if constexpr (activation == Activation::relu)
    return hn::IfThenZeroElse(hn::Lt(z, hn::Zero(d)), z);  // NaN stays
  return z;
}

/// The others of a layer's sums in place, and the slopes that their values do not tell.
template <Activation activation, std::size_t V>
HWY_INLINE void activate_lines(std::size_t lines, float* HWY_RESTRICT values,
                               float* HWY_RESTRICT slopes) {
  if constexpr (activation != Activation::silu && activation != Activation::tanh) return;
  const Lanes d;
  for (std::size_t i = 0; i < lines * line; i += line) {
    Vector z[V], slope[V];
    for (std::size_t v = 0; v < V; ++v) z[v] = hn::Load(d, values + i + v * width);
    if constexpr (activation == Activation::silu) {
      silu(z, slope);
      for (std::size_t v = 0; v < V; ++v) hn::Store(slope[v], d, slopes + i + v * width);
    } else {
      hyperbolic_tangent(z);
    }
    for (std::size_t v = 0; v < V; ++v) hn::Store(z[v], d, values + i + v * width);
  }
}

}  // namespace tropism::network::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
