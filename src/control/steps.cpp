// SPDX-License-Identifier: MIT
#include "steps.hpp"

#include <algorithm>
#include <vector>

#include <tropism/base/unwritten.hpp>

namespace tropism::control {
namespace {

torch::Tensor column(const std::vector<double>& values) {
  auto column = base::unwritten({static_cast<std::int64_t>(values.size()), 1});
  std::transform(values.begin(), values.end(), column.data_ptr<float>(),
                 [](double value) { return static_cast<float>(value); });
  return column;
}

}  // namespace

Steps steps_of(const Environment& environment, const Episode& episode) {
  std::vector<double> noise_time, dt, drift, g_squared;
  const std::int64_t first = episode.first_step, past = first + episode.states.size(0) - 1;
  for (std::int64_t k = first; k < past; ++k) {
    noise_time.push_back(environment.grid.noise_time(k));
    dt.push_back(environment.grid.step_size(k));
    drift.push_back(environment.process->drift(noise_time.back()));
    g_squared.push_back(environment.process->diffusion_squared(noise_time.back()));
  }
  return {column(noise_time), column(dt), column(drift), column(g_squared)};
}

torch::Tensor repeated_each(const torch::Tensor& column, std::int64_t times) {
  const auto numbers = column.contiguous();
  auto result = base::unwritten({numbers.size(0) * times});
  const auto* number = numbers.data_ptr<float>();
  auto* to = result.data_ptr<float>();
  for (std::int64_t k = 0; k < numbers.size(0); ++k) to = std::fill_n(to, times, number[k]);
  return result;
}

}  // namespace tropism::control
