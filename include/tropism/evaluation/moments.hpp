// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

namespace tropism::evaluation {

/// Mean and spread of numbers.
struct Moments {
  std::int64_t count = 0;
  std::optional<double> mean;  // none if there are no numbers
  std::optional<double> sd;    // standard deviation (divisor n - 1); none for fewer than two
  std::optional<double> standard_error;  // of the mean: sd / sqrt(n); none for fewer than two
};

/// Half the width of the 95 % interval of a mean: 1.96 standard errors.
[[nodiscard]] std::optional<double> half_width(const std::optional<double>& standard_error);

/// Of all elements of a tensor, in float64.
[[nodiscard]] Moments moments_of(const torch::Tensor& values);

}  // namespace tropism::evaluation
