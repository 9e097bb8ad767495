// SPDX-License-Identifier: MIT
#include <tropism/evaluation/moments.hpp>

#include <cmath>

namespace tropism::evaluation {

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
