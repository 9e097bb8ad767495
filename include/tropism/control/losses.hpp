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

/// Terms of a loss at k steps, [k, B], and the gradient of their sum in what they are formed on:
/// mu, [k, B, D], or a value, [k, B]; no graph.
struct Terms {
  torch::Tensor values, gradient;
};

/// A share of the sum of terms, as a function of what a network said. Its gradient there is a
/// formula, so autograd begins there and not at the sum.
class Loss {
 public:
  Loss() = default;  // undefined
  /// @param of   what the terms are formed on, with a graph to a network's parameters
  Loss(Terms terms, const torch::Tensor& of, double share);

  [[nodiscard]] bool defined() const { return terms_.defined(); }
  [[nodiscard]] const torch::Tensor& terms() const { return terms_; }  // [k, B]
  [[nodiscard]] double value() const;
  [[nodiscard]] const torch::Tensor& of() const { return of_; }
  [[nodiscard]] const torch::Tensor& gradient() const { return gradient_; }  // d loss / d of
  /// Adds its gradient to that of the parameters.
  void backward() const;
  /// Keeps the terms alone.
  void release_graph();

 private:
  friend Loss in_sequence(const std::vector<Loss>& steps);
  torch::Tensor terms_, of_, gradient_;
  double share_ = 1.0;
};

/// Losses of a part of the batch, each divided by the whole batch: they add up over parts and
/// ranks.
struct Losses {
  Loss policy;
  Loss value;           // undefined without a network
  torch::Tensor means;  // mu at the steps that the losses are formed on, [k, B, D]; no graph
  double scale = 1.0;   // of the terms, which stand for all steps

  /// Of policy gradients alone, [k, B]; else undefined.
  torch::Tensor ratio;    // of today's probability of a step to that under which it was taken
  torch::Tensor clipped;  // 1 where the ratio is so far from 1 that nothing is learned, else 0
  torch::Tensor kl;       // KL divergence of a step from that of the reference

  /// Adds the gradients of both to those of the parameters, in one pass over their graphs.
  void backward() const;
  void release_graphs();

  /// For reports: [B], float64.
  [[nodiscard]] torch::Tensor policy_per_trajectory() const;
  [[nodiscard]] torch::Tensor value_per_trajectory() const;  // zeros without a network
  [[nodiscard]] torch::Tensor policy_norm() const;           // mean over steps of |mu|
};

/// For reports: the terms and means of losses on one step after the other, of the same trajectories
/// and scale; without gradients.
[[nodiscard]] Losses in_sequence(const std::vector<Losses>& steps);

}  // namespace tropism::control
