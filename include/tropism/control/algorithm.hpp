// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include <tropism/control/control_config.hpp>
#include <tropism/control/episode.hpp>
#include <tropism/control/grouped_rewards.hpp>
#include <tropism/control/losses.hpp>
#include <tropism/control/value_function.hpp>
#include <tropism/reward/reward.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::control {

/// What losses are formed on: a part of the batch, and the networks as its rows see them.
struct Lesson {
  const Environment& environment;
  const Episode& episode;    // of the part
  torch::Tensor advantages;  // of the part, [B]; undefined if not wanted
  const score::ScoreFunction& policy_mean;
  const ValueFunction& value;
  std::int64_t batch;           // trajectories of the whole batch, all ranks
  std::int64_t episode_number;  // episodes done before
  StepSubset subset;
};

/// How a policy learns: what an episode is, and the losses on it. Everything else about training
/// (ranks, optimiser, checkpoints) is the same for all.
class Algorithm {
 public:
  virtual ~Algorithm() = default;

  /// One episode of these trajectories; by default a roll-out. Collective if the signal is.
  /// @throws NumericalError   if a state is not finite
  [[nodiscard]] virtual Episode act(const Environment& environment,
                                    const std::vector<PolicyRows>& policies,
                                    const score::ScoreSignal& signal, const reward::Reward& reward,
                                    Trajectories trajectories, std::int64_t episode) const;

  [[nodiscard]] virtual Losses losses(const Lesson& lesson) const = 0;

  /// Advantages from the rewards of the whole batch, or undefined if the losses do not ask for
  /// them: then the rewards need not be gathered either.
  /// @param earlier   of the batches before, as far as they are remembered
  [[nodiscard]] virtual torch::Tensor advantages(const GroupedRewards& batch,
                                                 const GroupedRewards& earlier) const;
  [[nodiscard]] virtual bool wants_advantages() const { return false; }
};

/// q-learning: Algorithms 1 and 2 of [GZZ24]; score-matching and weighted-score-matching (D4): the
/// expected update on noised data; ddpo and dpok: policy_gradient.hpp.
/// @param beta   weight of the reward
[[nodiscard]] std::shared_ptr<const Algorithm> make_algorithm(const AlgorithmConfig& config,
                                                              const ValueConfig& value,
                                                              double beta);

}  // namespace tropism::control
