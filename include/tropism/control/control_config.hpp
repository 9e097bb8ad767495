// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <tropism/network/mlp.hpp>

namespace tropism::control {

/// [policy]: the network of the policy mean.
struct PolicyConfig {
  std::string network = "mlp";  // the only kind so far
  network::MlpConfig mlp = {};  // width, depth, activation
  std::string mean =
      "preconditioned";  // plain (published) | preconditioned: score of a Gaussian fit + residual
  void validate() const;
};

/// [value]: the network of the value function and how it enters the policy.
struct ValueConfig {
  std::string network = "none";  // none (needs form = "data": what the data alone give) | mlp
  network::MlpConfig mlp = {.width = 64, .depth = 2, .activation = "silu"};
  std::string form = "data";  // plain (published) | skip | data: see control/value_function.hpp
  std::string inputs = "normalised";   // normalised: (y - a m)/sqrt(a^2 var + v) | raw (published)
  std::string target = "monte-carlo";  // monte-carlo | temporal-difference (published)
  int warmup = 100;  // episodes before the value network's gradient enters the policy, >= 0
  int ramp = 100;    // episodes over which it is let in linearly, >= 0
  double gradient_limit = 4.0;  // largest norm of the network's share of J_y/2; 0 = no limit
  void validate() const;
};

/// [algorithm]
struct AlgorithmConfig {
  // q-learning: Algorithms 1 and 2 of [GZZ24] | score-matching, weighted-score-matching: on noised
  // data | ddpo, dpok: policy gradients (policy_gradient.hpp)
  std::string name = "q-learning";
  std::string policy_update =
      "expected";  // expected: action noise integrated out | sampled: eqs. (28)-(31)
  // of the sampled update: orthogonality (published) | martingale-loss [JZ23]
  std::string criterion = "orthogonality";
  // solver: the best policy where the simulator acts, s + J_y/4 in the ODE (published) |
  // tilted-score: s + J_y/2 with the critic of the data whatever the simulator is: the score of the
  // noised tilted law, which any solver that keeps the marginals follows to p_0 e^{beta h/2}
  std::string optimum = "solver";
  // offline: after the episode (published) | online: after every time step, of which the next ones
  // know, by the temporal difference [JZ23]
  std::string learning = "offline";
  std::string actions =
      "mean";       // what moves the state: mean | sampled (always with the sampled update)
  int updates = 0;  // Adam steps per episode, each on every updates-th time step; 0 = by rule
  double temperature = 0.1;      // theta > 0: policy covariance theta/(2 g^2) I
  std::string pretrained;        // ddpo, dpok or any other: the checkpoint to start from; "" = none
  double clip_range = 0.2;       // ddpo, dpok: ratios count within 1 -+ this, >= 0; 0 = all
  double advantage_limit = 5.0;  // ddpo: largest |advantage|, > 0
  // ddpo: advantages are standardised by the rewards of the batch and, of each context, of so many
  // before; >= 0
  int reward_buffer = 0;
  double kl_weight = 1.0;               // dpok: gamma >= 0, of the KL from the pretrained policy
  std::string kl_gradient = "whole";    // dpok: whole | step (published): PolicyGradient
  std::string baseline = "batch-mean";  // dpok: batch-mean (of each context) | value (a network)
  void validate() const;
  [[nodiscard]] bool learns_from_data() const;    // the two kinds of score matching
  [[nodiscard]] bool is_policy_gradient() const;  // ddpo and dpok
  [[nodiscard]] bool is_online() const;
  /// The rule behind updates = 0: ten with the expected update, as published one with the sampled;
  /// never more than there are time steps. Online as many as these.
  [[nodiscard]] int updates_for(int steps) const;
};

}  // namespace tropism::control
