// SPDX-License-Identifier: MIT
#include "steps.hpp"

#include <vector>

namespace tropism::control {
namespace {

torch::Tensor column(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat32).unsqueeze(1);
}

}  // namespace

Steps steps_of(const Environment& environment) {
  std::vector<double> noise_time, dt, drift, g_squared;
  for (std::int64_t k = 0; k < environment.grid.steps(); ++k) {
    noise_time.push_back(environment.grid.noise_time(k));
    dt.push_back(environment.grid.step_size(k));
    drift.push_back(environment.process->drift(noise_time.back()));
    g_squared.push_back(environment.process->diffusion_squared(noise_time.back()));
  }
  return {column(noise_time), column(dt), column(drift), column(g_squared)};
}

}  // namespace tropism::control
