// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include <tropism/base/random.hpp>
#include <tropism/control/episode.hpp>
#include <tropism/training/context_summary.hpp>

namespace tropism::conditional {

/// How the context of a trajectory is drawn, P_C of [GZZ24, eq. (46)]: as the data have contexts,
/// or uniform in the box between the smallest and the largest of each coordinate.
enum class ContextPrior { data, uniform };

/// The continuous contexts of a data set, in their own units, and what networks and kernels see of
/// them. A coordinate that is constant in the data tells nothing: it is 0 to both.
class Contexts {
 public:
  /// @throws IoError   if every coordinate is constant
  explicit Contexts(training::ContextSummary summary);

  /// C
  [[nodiscard]] std::int64_t size() const { return summary_.size(); }
  /// Coordinates that are not constant.
  [[nodiscard]] std::int64_t varying() const;
  [[nodiscard]] const training::ContextSummary& summary() const { return summary_; }

  /// (c - mean)/sd by coordinate, float32 [n, C]: what networks see.
  [[nodiscard]] torch::Tensor features(const torch::Tensor& contexts) const;
  /// The same divided by the bandwidth, which is in standard deviations: what the kernel sees.
  [[nodiscard]] torch::Tensor in_bandwidths(const torch::Tensor& contexts, double bandwidth) const;

  /// c ~ P_C for each trajectory (Algorithm 2): a function of seed and trajectory number alone.
  /// float32 [count, C]
  [[nodiscard]] torch::Tensor draw(const base::RandomStream& stream, ContextPrior prior,
                                   control::Trajectories trajectories) const;

  /// Contexts of the data, evenly spread over those kept: at most `count`, float32 [q, C].
  [[nodiscard]] torch::Tensor probes(std::int64_t count) const;
  /// Whether a coordinate is outside the range of the data, bool [n].
  [[nodiscard]] torch::Tensor outside(const torch::Tensor& contexts) const;

 private:
  training::ContextSummary summary_;
  torch::Tensor scale_;  // sd, and 1 of constant coordinates, float64 [C]
};

}  // namespace tropism::conditional
