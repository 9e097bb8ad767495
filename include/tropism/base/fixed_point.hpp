// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cmath>

namespace tropism::base {

/// Sums whose result does not depend on the order of the terms: each term is rounded once to a
/// 64-bit integer multiple of 2^-exponent, and integers add associatively. This is what makes
/// results the same bit for bit on any number of ranks.
///
/// @param bound   an upper limit of the absolute value of every partial sum; finite, not negative
/// @return        the largest exponent for which such sums cannot overflow (with one bit to spare)
[[nodiscard]] inline int fixed_point_exponent(double bound) {
  return bound > 0.0 ? 61 - static_cast<int>(std::ceil(std::log2(bound))) : 61;
}

/// Real numbers to fixed point, int64 of the same shape.
[[nodiscard]] inline torch::Tensor to_fixed_point(const torch::Tensor& values, int exponent) {
  return (values.to(torch::kFloat64) * std::ldexp(1.0, exponent)).round().to(torch::kInt64);
}

/// Fixed point to float64 of the same shape.
[[nodiscard]] inline torch::Tensor from_fixed_point(const torch::Tensor& fixed, int exponent) {
  return fixed.to(torch::kFloat64) * std::ldexp(1.0, -exponent);
}

}  // namespace tropism::base
