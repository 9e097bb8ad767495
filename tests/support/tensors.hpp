// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/base/random.hpp>

namespace tropism::test {

/// The largest |a - b|, in float64; NaN if any difference is, so that no `<` holds.
inline double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs().max().item<double>();
}

/// Whether |a - b| <= tolerance everywhere; false where anything is NaN.
inline bool within(const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& tolerance) {
  const auto difference = (a.to(torch::kFloat64) - b.to(torch::kFloat64)).abs();
  return difference.le(tolerance).all().item<bool>();
}

/// Standard normal points, float32 [rows, dimension]; another `set` gives other points.
inline torch::Tensor normal_points(std::int64_t rows, std::int64_t dimension, std::int64_t set) {
  return base::RandomStream(2024, base::Purpose::evaluation).normal(0, set, rows, dimension);
}

}  // namespace tropism::test
