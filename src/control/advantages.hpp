// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace tropism::control {

/// Rewards less the mean of their group. @param rewards   [N]  @param groups   int64 [N]
[[nodiscard]] torch::Tensor centred(const torch::Tensor& rewards, const torch::Tensor& groups);

/// The same over the standard deviation of the group (0 where all its rewards agree), within
/// [-limit, limit].
[[nodiscard]] torch::Tensor standardised(const torch::Tensor& rewards, const torch::Tensor& groups,
                                         double limit);

}  // namespace tropism::control
