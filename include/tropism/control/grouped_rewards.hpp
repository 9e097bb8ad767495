// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace tropism::control {

/// Rewards and the contexts that they were earned under; trajectories of the same context have the
/// same number.
struct GroupedRewards {
  torch::Tensor rewards = torch::zeros({0}, torch::kFloat64);  // h, [n]
  torch::Tensor groups = torch::zeros({0}, torch::kInt64);     // int64 [n]
};

/// In the order a, b; float64.
[[nodiscard]] GroupedRewards joined(const GroupedRewards& a, const GroupedRewards& b);

/// The last `most` rewards of every group, in their order: what DDPO remembers of each prompt
/// [Black et al. 2023, arXiv 2305.13301].
/// @param most   >= 0
[[nodiscard]] GroupedRewards latest_of_each_group(const GroupedRewards& all, std::int64_t most);

}  // namespace tropism::control
