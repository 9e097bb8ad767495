// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace tropism::control {

/// Every stride-th step of an episode, from `first` on: several updates can share one episode, each
/// learning from its own steps.
struct StepSubset {
  std::int64_t first = 0;
  std::int64_t stride = 1;

  /// Those of K steps; undefined stays undefined. @param steps   [K, ...]
  [[nodiscard]] torch::Tensor of(const torch::Tensor& steps) const;
  /// @throws ContractError   if it begins outside [0, K), or its stride is less than 1
  void expect_within(std::int64_t steps) const;
};

/// Losses of a part of the batch, each divided by the whole batch: they add up over parts and
/// ranks.
struct Losses {
  torch::Tensor policy;  // scalar, with a graph to the policy's parameters
  torch::Tensor value;   // scalar, with a graph to the value network's; undefined without one

  /// What they are sums of, at the steps they are formed on; no graph.
  torch::Tensor policy_terms;  // [k, B]
  torch::Tensor value_terms;   // [k, B]; undefined without a network
  torch::Tensor means;         // mu, [k, B, D]
  double scale = 1.0;          // of the terms, which stand for all steps

  /// Of policy gradients alone, [k, B]; else undefined.
  torch::Tensor ratio;    // of today's probability of a step to that under which it was taken
  torch::Tensor clipped;  // 1 where the ratio is so far from 1 that nothing is learned, else 0
  torch::Tensor kl;       // KL divergence of a step from that of the reference

  /// For reports: [B], float64.
  [[nodiscard]] torch::Tensor policy_per_trajectory() const;
  [[nodiscard]] torch::Tensor value_per_trajectory() const;  // zeros without a network
  [[nodiscard]] torch::Tensor policy_norm() const;           // mean over steps of |mu|
};

/// For reports: the terms and means of losses on one step after the other, of the same trajectories
/// and scale; without gradients.
[[nodiscard]] Losses in_sequence(const std::vector<Losses>& steps);

}  // namespace tropism::control
