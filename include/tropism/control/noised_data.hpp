// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <tropism/control/episode.hpp>
#include <tropism/reward/reward.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::control {

/// The states of (denoising) score matching in place of a roll-out's: at each step, afresh for each
/// trajectory, y = a x_0 + sqrt(v) xi with x_0 ~ p_0(.|its context), and what the score signal says
/// there. No action is taken: `actions` and `means` stay undefined. The last state is the x_0 of
/// the last step, and its rewards are those of the data. Random numbers depend on (seed, trajectory
/// number, step) alone. Collective if the signal is.
/// @throws ContractError   if the signal has no data to draw from
[[nodiscard]] Episode noised_data(const Environment& environment, const score::ScoreSignal& signal,
                                  const reward::Reward& reward, Trajectories trajectories,
                                  std::int64_t episode);

}  // namespace tropism::control
