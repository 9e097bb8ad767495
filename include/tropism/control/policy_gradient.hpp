// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include <tropism/control/episode.hpp>
#include <tropism/control/losses.hpp>
#include <tropism/control/value_function.hpp>

namespace tropism::control {

/// Policy gradients on the discrete chain p(y_{k+1} | y_k) = N(y + [f y + g^2 mu] dt, g^2 dt I) of
/// the Euler-Maruyama scheme, whose only reward comes at the end: DDPO [Black et al. 2023] and DPOK
/// [Fan et al. 2023, arXiv 2305.16381].
struct PolicyGradient {
  double clip_range = 0.0;  // e: ratios count within [1 - e, 1 + e]; 0 = all count
  double kl_weight = 0.0;   // gamma: of the KL divergence of every step from the reference
  // whole: of gamma sum_k E KL_k, also by the states that later steps start from, so that
  // gamma sum_{j > k} KL_j is taken from A at step k; else of each KL_k at given states, as [Fan et
  // al. 2023] publish it: its fixed point is another
  bool whole_kl_gradient = true;
};

/// What the losses are formed on besides the policy.
struct PolicyGradientQuestion {
  const Environment& environment;
  // Of mean actions, simulated by Euler-Maruyama; with reference means unless kl_weight = 0.
  const Episode& episode;
  torch::Tensor advantages;       // A, [B]
  const ValueFunction* baseline;  // null, or V in A = advantages - V(t_k, y_k), learned beside
};

/// The loss
///   sum_k max{ -A rho_k, -A clip(rho_k, 1 - e, 1 + e) } + gamma sum_k g^2 dt |mu_k - mu_ref|^2 / 2
/// with rho_k the ratio of today's probability of step k to that under which it was taken. With
/// rho = 1 its gradient is that of the score function estimator (DDPO-SF). The baseline's loss is
/// sum_k (advantages - V)^2. No gradient flows through states.
/// @param batch   trajectories of the whole batch, all ranks
/// @param subset  the steps the losses are formed on; the sum is scaled to stand for all K
/// @throws ContractError   if the subset is not within the episode
[[nodiscard]] Losses policy_gradient_losses(const PolicyGradient& setting,
                                            const PolicyGradientQuestion& question,
                                            const score::ScoreFunction& policy_mean,
                                            std::int64_t batch, StepSubset subset = {});

}  // namespace tropism::control
