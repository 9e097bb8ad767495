// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <chrono>
#include <functional>
#include <memory>

#include <tropism/base/error.hpp>
#include <tropism/comm/communicator.hpp>
#include <tropism/comm/row_split.hpp>
#include <tropism/control/actor_critic.hpp>
#include <tropism/control/algorithm.hpp>
#include <tropism/control/episode.hpp>
#include <tropism/control/family.hpp>
#include <tropism/network/flat_parameters.hpp>
#include <tropism/training/adam.hpp>
#include <tropism/training/checkpoint.hpp>
#include <tropism/training/gradient_reducer.hpp>
#include <tropism/training/report.hpp>
#include <tropism/training/training_config.hpp>

namespace tropism::training {

/// Rows of a micro-batch of a reproducible run: a multiple of 48, which suits the blocking of every
/// kernel of OpenBLAS.
inline constexpr std::int64_t reproducible_micro_batch = 48;

/// The sections that the trainer itself reads.
struct TrainerConfig {
  RunConfig run;
  OptimizerConfig optimizer;
  AverageConfig average;
  control::ValueConfig value;
  control::AlgorithmConfig algorithm;
};

/// Whether an error of training is the same on all ranks: else those that know nothing of it would
/// wait for whoever goes on.
[[nodiscard]] bool all_ranks_know(const base::NumericalError& error,
                                  const comm::Communicator& comm);

/// Training by any algorithm (control/algorithm.hpp): every rank is an actor on its rows of the
/// global batch; gradients travel as one flat buffer to rank 0, which steps and broadcasts (or all
/// ranks step). All members are collective unless they say otherwise.
class Trainer {
 public:
  /// @param comm         must outlive the trainer
  /// @param pretrained   null, or networks whose policy this one starts as, and which the algorithm
  ///                     may hold it near; of the same shape, the same on every rank
  Trainer(const comm::Communicator& comm, TrainerConfig config, control::Environment environment,
          std::shared_ptr<control::ActorCritic> networks,
          std::shared_ptr<const control::Family> family,
          std::shared_ptr<const control::ActorCritic> pretrained = nullptr);

  /// One episode: simulation, losses, reduction, step. @return its report (its numbers on rank 0
  /// only, and only if `wanted`)
  /// @throws Diverged         on all ranks if a gradient, a weight, or on any rank a state is not
  ///                          finite
  /// @throws NumericalError   on the rank whose state is not finite, where ranks answer together
  ///                          (score::ScoreSignal::is_collective): the others wait for it in vain
  Report advance(bool wanted);

  /// Takes up where a checkpoint left off; on one rank, before `spread`. Not collective.
  /// @throws IoError   if it was made with other networks
  void load(const Checkpoint& checkpoint);
  /// Gives every rank the state of rank 0.
  void spread();
  /// Fills the parts of a checkpoint that the trainer holds. Not collective; meant for rank 0.
  void fill(Checkpoint& checkpoint) const;

  /// @throws NumericalError   on all ranks, if their weights are not the same to the last bit
  void check_same_weights() const;

  [[nodiscard]] std::int64_t episodes_done() const { return episode_; }
  /// Puts the averaged weights into the policy network: for evaluation after the last episode.
  void use_average();
  TimeSplit& time() { return time_; }

 private:
  [[nodiscard]] std::int64_t updates() const;
  using Policies = std::vector<control::PolicyRows>;  // of this rank's rows, in micro-batches
  /// The networks as an episode's trajectories see them.
  struct Bound {
    Policies policies;
    std::vector<std::shared_ptr<const control::ValueFunction>> values;  // of each micro-batch
  };
  [[nodiscard]] Bound bind(control::Trajectories mine) const;
  using LossesOfParts = std::vector<control::Losses>;  // of the micro-batches, if wanted
  /// What an episode was, and what was learned from it.
  struct Outcome {
    control::Episode episode;
    torch::Tensor advantages;    // undefined unless of policy gradients
    LossesOfParts losses;        // of the last update, or online of all time steps
    double gradient_norm = 0.0;  // of the last update
  };
  [[nodiscard]] Outcome learn_offline(control::Trajectories mine, const Bound& bound, bool wanted);
  [[nodiscard]] Outcome learn_online(control::Trajectories mine, const Bound& bound, bool wanted);
  void simulate(const score::ScoreSignal& signal, const std::function<void()>& simulation);
  void diverge_with_all();
  [[nodiscard]] control::Trajectories mine() const;
  void note_score_time(const control::Episode& episode);
  void start_as_pretrained();
  void spread_earlier_rewards();
  [[nodiscard]] torch::Tensor reference_means(const control::Episode& episode,
                                              control::Trajectories mine, Policies parts);
  [[nodiscard]] torch::Tensor advantages(const torch::Tensor& rewards, control::Trajectories mine);
  LossesOfParts learn(const control::Episode& episode, const torch::Tensor& advantages,
                      const Bound& bound, control::StepSubset subset, bool wanted);
  double step_weights();
  void spread_values(double norm);
  void complete(Report& report, const Outcome& outcome, const Policies& policies) const;
  void update_average();
  [[nodiscard]] bool steps_here() const;

  const comm::Communicator& comm_;
  TrainerConfig config_;
  control::Environment environment_;
  std::shared_ptr<control::ActorCritic> networks_;
  std::shared_ptr<const control::Family> family_;
  std::shared_ptr<const control::ActorCritic> pretrained_;
  std::shared_ptr<const control::Algorithm> algorithm_;
  network::FlatParameters parameters_;
  Adam adam_;
  GradientReducer reducer_;
  torch::Tensor average_;  // of the policy's parameters
  control::GroupedRewards earlier_rewards_;
  std::int64_t episode_ = 0;
  std::int64_t micro_batch_;  // 0 = all rows of a rank at once
  comm::RowRange rows_;       // this rank's rows of the global batch
  TimeSplit time_;
};

}  // namespace tropism::training
