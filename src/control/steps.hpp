// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/control/episode.hpp>

namespace tropism::control {

/// What K steps are like, each [K, 1].
struct Steps {
  torch::Tensor noise_time, dt, drift, g_squared;  // tau, dt, f and g^2 at tau
};

/// Of an episode in this environment.
[[nodiscard]] Steps steps_of(const Environment& environment, const Episode& episode);

/// Each number of a column [K, 1] of float32 so many times, [K times].
[[nodiscard]] torch::Tensor repeated_each(const torch::Tensor& column, std::int64_t times);

}  // namespace tropism::control
