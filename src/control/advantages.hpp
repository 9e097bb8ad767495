// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/control/grouped_rewards.hpp>

namespace tropism::control {

/// Rewards less the mean of their group, [N].
[[nodiscard]] torch::Tensor centred(const GroupedRewards& batch);

/// The rewards of a batch less the mean of their group over its standard deviation (0 where all its
/// rewards agree), within [-limit, limit]; moments are of the batch and of `earlier`, [N].
[[nodiscard]] torch::Tensor standardised(const GroupedRewards& batch, const GroupedRewards& earlier,
                                         double limit);

}  // namespace tropism::control
