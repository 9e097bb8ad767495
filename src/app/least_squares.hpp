// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <vector>

namespace tropism::app {

/// Constants of a linear law, and how well they hold.
struct LeastSquares {
  std::vector<double> constants;        // >= 0
  std::vector<double> standard_errors;  // 0 of a constant that was left out
  double relative_error = 0.0;          // root mean square over the measurements
};

/// The constants c >= 0 that minimise sum_i ((terms_i . c - values_i)/values_i)^2. One that would
/// come out negative is 0, and the others are fitted without it.
/// @param terms    [measurements, constants], float64, at least as many measurements as constants
/// @param values   [measurements], float64, > 0
[[nodiscard]] LeastSquares fit_relative(const torch::Tensor& terms, const torch::Tensor& values);

}  // namespace tropism::app
