// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/control/control_config.hpp>
#include <tropism/control/episode.hpp>
#include <tropism/control/losses.hpp>
#include <tropism/control/value_function.hpp>

namespace tropism::control {

/// Everything the losses of q-learning need besides an episode and the networks.
struct QLearning {
  bool sampled_update = false;  // eqs. (28)-(31); else the action noise is integrated out
  // the sampled update by the martingale loss sum_i G_i^2 dt, with G_i = beta h - J_i + sum_{k >=
  // i} gain_k, of policy and critic alike [JZ23]; on all steps at once
  bool martingale_loss = false;
  bool tilted_score = false;  // of the expected update: c = 1 whatever the simulator is
  bool monte_carlo = true;    // the critic's target: Monte Carlo, or temporal difference
  double temperature = 0.1;   // theta
  double beta = 0.0;          // weight of the reward
  double coupling = 1.0;      // share in [0, 1] of the learned part of J_y/2 that enters the policy
  double gradient_limit = 0.0;  // largest norm of that part before coupling; 0 = no limit
};

/// Losses of q-learning on one episode. Their gradients are, up to constant factors, the negative
/// updates
///   sampled    eqs. (29)-(30): psi by zeta_i G_i, Theta by xi_i G_i  (31), with J(t_{i+1}, .) held
///   constant expected   the same with the expectation over the action noise taken in closed form:
///              policy  sum_i g^2 dt |mu_i - (s_hat_i + (c/2) J_y)|^2
/// with c = 1 where the environment simulates the SDE, 1/2 where it simulates the ODE,
/// unless the tilted score is asked for.
/// No gradient flows through states, actions or signals. Steps that stop before the end have
/// J at the state they lead to, held constant, in place of beta h.
/// @param batch   trajectories of the whole batch, all ranks
/// @param subset  the steps the losses are formed on; the sum is scaled to stand for all K
/// @throws ContractError   if the subset begins outside [0, K), or its stride is less than 1, or
///                         for Monte Carlo targets of steps that stop before the end
[[nodiscard]] Losses q_learning_losses(const QLearning& setting, const Environment& environment,
                                       const Episode& episode,
                                       const score::ScoreFunction& policy_mean,
                                       const ValueFunction& value, std::int64_t batch,
                                       StepSubset subset = {});

}  // namespace tropism::control
