// SPDX-License-Identifier: MIT
#include <tropism/evaluation/moments.hpp>

#include <cmath>

namespace tropism::evaluation {

std::optional<double> half_width(const std::optional<double>& standard_error) {
  if (!standard_error) return std::nullopt;
  return 1.96 * *standard_error;  // the 97.5 % quantile of the normal distribution
}

Moments moments_of(const torch::Tensor& values) {
  const auto numbers = values.detach().to(torch::kCPU, torch::kFloat64);
  Moments result;
  result.count = numbers.numel();
  if (result.count >= 1) result.mean = numbers.mean().item<double>();
  if (result.count < 2) return result;
  result.sd = numbers.std(/*unbiased=*/true).item<double>();
  result.standard_error = *result.sd / std::sqrt(static_cast<double>(result.count));
  return result;
}

}  // namespace tropism::evaluation
