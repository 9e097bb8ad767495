// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/conditional/labels.hpp>
#include <tropism/control/family.hpp>
#include <tropism/score/ratio_signal.hpp>

namespace tropism::conditional {

/// Algorithm 2 of [GZZ24] for discrete contexts: each trajectory draws a label c ~ P_C, its score
/// signal averages the rows of that label only (p_0(.|c)), and its networks see c. Everything else
/// is Algorithm 1.
class LabelFamily final : public control::Family {
 public:
  /// @param score   its data are grouped by the places of the labels
  LabelFamily(std::shared_ptr<const score::RatioSetting> score, Labels labels, LabelPrior prior,
              std::uint64_t seed);

  [[nodiscard]] std::shared_ptr<const score::ScoreSignal> signal(
      control::Trajectories trajectories) const override;
  [[nodiscard]] torch::Tensor groups(control::Trajectories trajectories) const override {
    return places(trajectories);
  }
  [[nodiscard]] control::FieldOf fields(control::Trajectories trajectories) const override;

 private:
  [[nodiscard]] torch::Tensor places(control::Trajectories trajectories) const;

  std::shared_ptr<const score::RatioSetting> score_;
  Labels labels_;
  LabelPrior prior_;
  base::RandomStream stream_;
};

}  // namespace tropism::conditional
