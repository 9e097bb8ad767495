// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cmath>
#include <cstdint>

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

/// The nearest integer, halves to even, as torch::round: beyond 2^52 numbers have no fraction.
inline double nearest_integer(double value) {
  constexpr double limit = 4503599627370496.0;  // 2^52
  const double magnitude = std::abs(value);
  return magnitude < limit ? std::copysign(magnitude + limit - limit, value) : value;
}

/// sum += to_fixed_point(values, exponent), in one pass over memory: int64 and float32 [n], both
/// contiguous and on the CPU.
inline void add_fixed_point(const torch::Tensor& sum, const torch::Tensor& values, int exponent) {
  const auto* value = values.data_ptr<float>();
  auto* total = sum.data_ptr<std::int64_t>();
  const double scale = std::ldexp(1.0, exponent);
  const std::int64_t size = sum.numel();
  for (std::int64_t i = 0; i < size; ++i)
    total[i] += static_cast<std::int64_t>(nearest_integer(static_cast<double>(value[i]) * scale));
}

/// values = from_fixed_point(fixed, exponent), likewise.
inline void write_from_fixed_point(const torch::Tensor& values, const torch::Tensor& fixed,
                                   int exponent) {
  const auto* number = fixed.data_ptr<std::int64_t>();
  auto* value = values.data_ptr<float>();
  const double scale = std::ldexp(1.0, -exponent);
  const std::int64_t size = values.numel();
  for (std::int64_t i = 0; i < size; ++i)
    value[i] = static_cast<float>(static_cast<double>(number[i]) * scale);
}

}  // namespace tropism::base
