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

/// 2^(factor z) with a relative error below 2e-7, where factor z is in [-126, 0].
template <class Lanes, class Vector>
HWY_INLINE Vector exp2_of_product(Lanes d, Vector z, Vector factor) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::RebindToSigned<Lanes> bits;
  const auto magic = hn::Set(d, 12582912.0F);  // 1.5 * 2^23: adding it rounds to an integer
  const auto shifted = hn::MulAdd(z, factor, magic);
  const auto f = hn::MulSub(z, factor, hn::Sub(shifted, magic));  // in [-1/2, 1/2]
  // 2^f: the polynomial of degree 5 through (0, 1) with the least largest relative error, 9e-8
  auto p = hn::MulAdd(f, hn::Set(d, 1.326472725e-3F), hn::Set(d, 9.671512688e-3F));
  p = hn::MulAdd(p, f, hn::Set(d, 5.550733744e-2F));
  p = hn::MulAdd(p, f, hn::Set(d, 2.402224208e-1F));
  p = hn::MulAdd(p, f, hn::Set(d, 6.931469776e-1F));
  p = hn::MulAdd(p, f, hn::Set(d, 1.0F));
  const auto power = hn::ShiftLeft<23>(hn::BitCast(bits, shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(bits, p), power));
}

/// 2^z for z <= 0, the same; 0 below 2^-126, and for NaN.
template <class Lanes, class Vector>
HWY_INLINE Vector exp2_of_negative(Lanes d, Vector z) {
  namespace hn = hwy::HWY_NAMESPACE;
  const auto least = hn::Set(d, -126.0F);
  const auto result = exp2_of_product(d, hn::Max(z, least), hn::Set(d, 1.0F));
  return hn::IfThenElseZero(hn::Ge(z, least), result);
}

}  // namespace tropism::base::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
