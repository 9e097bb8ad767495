// SPDX-License-Identifier: MIT
// For kernels that Highway compiles once for each instruction set: include it where they include
// <hwy/highway.h>, after it. It is read again for each of them, hence no #pragma once.
#if defined(TROPISM_VECTOR_EXP2) == defined(HWY_TARGET_TOGGLE)
#ifdef TROPISM_VECTOR_EXP2
#undef TROPISM_VECTOR_EXP2
#else
#define TROPISM_VECTOR_EXP2
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tropism::base::HWY_NAMESPACE {

// 2^f on [-1/2, 1/2]: the polynomial of degree 5 through (0, 1) with the least largest relative
// error, 9e-8.
constexpr float exp2_5 = 1.326472725e-3F, exp2_4 = 9.671512688e-3F, exp2_3 = 5.550733744e-2F,
                exp2_2 = 2.402224208e-1F, exp2_1 = 6.931469776e-1F;

constexpr float exp2_magic = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer

// Of several vectors step by step: a processor looks ahead too little to overlap one power with
// the next.

/// 2^(k + f) in place of f in [-1/2, 1/2], where shifted = magic + k.
template <class Lanes, class Vector, std::size_t N>
HWY_INLINE void exp2_of_parts(Lanes d, const Vector (&shifted)[N], Vector (&f)[N]) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::RebindToSigned<Lanes> bits;
  Vector p[N];
  const auto each = [](auto&& step) {
    for (std::size_t i = 0; i < N; ++i) step(i);
  };
  each([&](std::size_t i) { p[i] = hn::MulAdd(f[i], hn::Set(d, exp2_5), hn::Set(d, exp2_4)); });
  each([&](std::size_t i) { p[i] = hn::MulAdd(p[i], f[i], hn::Set(d, exp2_3)); });
  each([&](std::size_t i) { p[i] = hn::MulAdd(p[i], f[i], hn::Set(d, exp2_2)); });
  each([&](std::size_t i) { p[i] = hn::MulAdd(p[i], f[i], hn::Set(d, exp2_1)); });
  each([&](std::size_t i) { p[i] = hn::MulAdd(p[i], f[i], hn::Set(d, 1.0F)); });
  each([&](std::size_t i) {
    const auto power = hn::ShiftLeft<23>(hn::BitCast(bits, shifted[i]));
    f[i] = hn::BitCast(d, hn::Add(hn::BitCast(bits, p[i]), power));
  });
}

/// 2^(factor z) in place of z with a relative error below 2e-7, where factor z is in [-126, 126].
template <class Lanes, class Vector, std::size_t N>
HWY_INLINE void exp2_of_products(Lanes d, Vector (&z)[N], Vector factor) {
  namespace hn = hwy::HWY_NAMESPACE;
  const auto magic = hn::Set(d, exp2_magic);
  Vector shifted[N];
  for (std::size_t i = 0; i < N; ++i) shifted[i] = hn::MulAdd(z[i], factor, magic);
  for (std::size_t i = 0; i < N; ++i) z[i] = hn::MulSub(z[i], factor, hn::Sub(shifted[i], magic));
  exp2_of_parts(d, shifted, z);
}

/// 2^z in place of z <= 0, the same; 2^-126 below -126, anything for NaN.
template <class Lanes, class Vector, std::size_t N>
HWY_INLINE void exp2_of_negatives(Lanes d, Vector (&z)[N]) {
  namespace hn = hwy::HWY_NAMESPACE;
  const auto magic = hn::Set(d, exp2_magic);
  Vector shifted[N];
  for (std::size_t i = 0; i < N; ++i) z[i] = hn::Max(z[i], hn::Set(d, -126.0F));
  for (std::size_t i = 0; i < N; ++i) shifted[i] = hn::Add(z[i], magic);
  for (std::size_t i = 0; i < N; ++i) z[i] = hn::Sub(z[i], hn::Sub(shifted[i], magic));
  exp2_of_parts(d, shifted, z);
}

/// 2^z for one z <= 0, the same; 0 below 2^-126, and for NaN.
template <class Lanes, class Vector>
HWY_INLINE Vector exp2_of_negative(Lanes d, Vector z) {
  namespace hn = hwy::HWY_NAMESPACE;
  Vector power[1] = {z};
  exp2_of_negatives(d, power);
  return hn::IfThenElseZero(hn::Ge(z, hn::Set(d, -126.0F)), power[0]);
}

}  // namespace tropism::base::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
