// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/control/actor_critic.hpp>
#include <tropism/control/episode.hpp>
#include <tropism/score/ratio_signal.hpp>

namespace tropism::control {

/// A conditional model is a family of unconditional ones: a family binds trajectories (and with
/// them whatever context each has been given) to core objects. Trainer and roll-outs know only
/// this.
class Family {
 public:
  virtual ~Family() = default;

  /// The score signal of these trajectories. Collective if the score's scope is global.
  [[nodiscard]] virtual std::shared_ptr<const score::ScoreSignal> signal(
      Trajectories trajectories) const = 0;
  /// Trajectories of the same context have the same number, int64 [B]; by default all have.
  [[nodiscard]] virtual torch::Tensor groups(Trajectories trajectories) const;
  /// How networks are turned into fields for these trajectories.
  [[nodiscard]] virtual FieldOf fields(Trajectories trajectories) const = 0;
};

/// The family of one member.
class Unconditional final : public Family {
 public:
  explicit Unconditional(std::shared_ptr<const score::RatioSetting> score)
      : score_(std::move(score)) {}
  [[nodiscard]] std::shared_ptr<const score::ScoreSignal> signal(
      Trajectories trajectories) const override;
  [[nodiscard]] FieldOf fields(Trajectories trajectories) const override;

 private:
  std::shared_ptr<const score::RatioSetting> score_;
};

/// The network on (t, z) alone.
[[nodiscard]] FieldOf without_context();

}  // namespace tropism::control
