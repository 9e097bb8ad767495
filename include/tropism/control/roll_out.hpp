// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include <tropism/control/episode.hpp>
#include <tropism/diffusion/simulator.hpp>
#include <tropism/reward/reward.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::control {

class Recording;

/// Algorithm 1, steps 3-7, one time step at a time: simulates trajectories from the prior, without
/// gradients. Random numbers depend on (seed, trajectory number, step) alone. Where a step is made
/// of several actions each of them is the policy's mean at its own state and noise time; the
/// running reward of the step is that of the first, (dt g^2) at its start.
class RollOut {
 public:
  /// All arguments must outlive it. The policies may change between steps.
  /// @param policies   cover the rows of the batch in order
  /// @throws ContractError    for sampled actions where a step is made of several
  RollOut(const Environment& environment, const std::vector<PolicyRows>& policies,
          const score::ScoreSignal& signal, const reward::Reward& reward, Trajectories trajectories,
          std::int64_t episode);
  RollOut(const RollOut&) = delete;
  RollOut& operator=(const RollOut&) = delete;
  ~RollOut();

  [[nodiscard]] bool is_over() const { return step_ == environment_.grid.steps(); }
  /// The next step, and what the signal says of the state it leads to. Collective if the signal is.
  /// @throws NumericalError   if a state is not finite: names trajectory and step
  void advance();
  /// Takes out the earliest step that was not taken yet: an episode of K = 1. At most as often as
  /// it advanced.
  [[nodiscard]] Episode take_step();
  /// What is left once it is over: all steps but those taken out, and what is said of all of them
  /// together. Nothing more can be asked after it.
  [[nodiscard]] Episode finish();

 private:
  [[nodiscard]] torch::Tensor mean_at(const torch::Tensor& y, double noise_time) const;
  [[nodiscard]] torch::Tensor action_of(const torch::Tensor& mean, double noise_time) const;
  void observe();
  void move(const torch::Tensor& action);

  const Environment& environment_;
  const std::vector<PolicyRows>& policies_;
  const score::ScoreSignal& signal_;
  const reward::Reward& reward_;
  Trajectories trajectories_;
  std::int64_t episode_;
  std::int64_t step_ = 0;
  torch::Tensor y_;  // [B, D]
  std::unique_ptr<diffusion::Stepper> stepper_;
  std::unique_ptr<Recording> recording_;
};

/// A roll-out from beginning to end. Arguments and errors as above.
[[nodiscard]] Episode roll_out(const Environment& environment,
                               const std::vector<PolicyRows>& policies,
                               const score::ScoreSignal& signal, const reward::Reward& reward,
                               Trajectories trajectories, std::int64_t episode);

}  // namespace tropism::control
