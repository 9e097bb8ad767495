// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/conditional/contexts.hpp>
#include <tropism/control/family.hpp>
#include <tropism/score/ratio_signal.hpp>

namespace tropism::conditional {

/// Algorithm 2 of [GZZ24] for continuous contexts: each trajectory draws a context c ~ P_C, its
/// score signal weighs the rows by the kernel of |c - c_j| / bandwidth, for no row has just this
/// context, and its networks see c. Everything else is Algorithm 1.
class VectorFamily final : public control::Family {
 public:
  /// @param score       its data have contexts, in bandwidths
  /// @param bandwidth   of these, in standard deviations of the contexts, > 0
  VectorFamily(std::shared_ptr<const score::RatioSetting> score, Contexts contexts,
               double bandwidth, ContextPrior prior, std::uint64_t seed);

  [[nodiscard]] std::shared_ptr<const score::ScoreSignal> signal(
      control::Trajectories trajectories) const override;
  [[nodiscard]] control::FieldOf fields(control::Trajectories trajectories) const override;

 private:
  [[nodiscard]] torch::Tensor drawn(control::Trajectories trajectories) const;

  std::shared_ptr<const score::RatioSetting> score_;
  Contexts contexts_;
  double bandwidth_;
  ContextPrior prior_;
  base::RandomStream stream_;
};

}  // namespace tropism::conditional
