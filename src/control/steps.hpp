// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/control/episode.hpp>

namespace tropism::control {

/// What the K steps of an episode are like, each [K, 1].
struct Steps {
  torch::Tensor noise_time, dt, drift, g_squared;  // tau, dt, f and g^2 at tau
};

[[nodiscard]] Steps steps_of(const Environment& environment);

}  // namespace tropism::control
