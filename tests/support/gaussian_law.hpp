// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cmath>
#include <utility>
#include <vector>

#include <tropism/diffusion/simulator.hpp>

namespace tropism::test {

/// A normal law in one dimension.
struct Gaussian {
  double mean, variance;
  [[nodiscard]] double std() const { return std::sqrt(variance); }
};

/// p_t of Gaussian data.
inline Gaussian noised(const diffusion::ForwardProcess& process, Gaussian data, double t) {
  const double a = process.signal(t);
  return {a * data.mean, a * a * data.variance + process.variance(t)};
}

/// The exact score of Gaussian data, in double precision.
inline diffusion::ActionAt exact_score(const diffusion::ForwardProcess& process, Gaussian data) {
  return [&process, data](const torch::Tensor& y, double t) {
    const auto law = noised(process, data, t);
    return (y - law.mean) / -law.variance;
  };
}

/// The law at the end of a solver's steps with the exact score, without sampling: all steps are
/// linear, so the end of a path is known from its response to the start and to each step's noise.
/// @param times   noise times, falling
/// @param start   the law at the first of them
inline Gaussian law_at_end(const diffusion::Simulator& simulator,
                           const diffusion::ForwardProcess& process, Gaussian data,
                           const std::vector<double>& times, Gaussian start) {
  const auto K = static_cast<std::int64_t>(times.size()) - 1;
  const auto score = exact_score(process, data);
  const auto stepper = simulator.start(process);
  auto y = torch::zeros({K + 2, 1}, torch::kFloat64);  // row 0: silence; 1: the start; 2 + k: noise
  y[1] = 1.0;
  for (std::int64_t k = 0; k < K; ++k) {
    const auto i = static_cast<std::size_t>(k);
    auto noise = torch::zeros_like(y);
    noise[2 + k] = 1.0;
    y = stepper->step({times[i], times[i + 1]}, y, score(y, times[i]), noise, score);
  }
  const auto response = (y - y[0]).flatten();
  const double slope = response[1].item<double>();
  const double noise = response.narrow(0, 2, K).square().sum().item<double>();
  return {y[0].item<double>() + slope * start.mean, slope * slope * start.variance + noise};
}

/// How far a law is from another in mean and in standard deviation, in standard deviations.
inline double distance(Gaussian law, Gaussian exact) {
  return (std::abs(law.mean - exact.mean) + std::abs(law.std() - exact.std())) / exact.std();
}

}  // namespace tropism::test
