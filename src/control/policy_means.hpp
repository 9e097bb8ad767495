// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <vector>

#include <tropism/control/episode.hpp>

namespace tropism::control {

/// What policies for the rows of a batch say at states y [B, D] of one noise time, [B, D]. A rank
/// may have no rows, and then no policies.
[[nodiscard]] torch::Tensor policy_means(const std::vector<PolicyRows>& policies,
                                         const torch::Tensor& y, double noise_time);

}  // namespace tropism::control
