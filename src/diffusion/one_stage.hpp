// SPDX-License-Identifier: MIT
#pragma once

#include <tropism/diffusion/simulator.hpp>

namespace tropism::diffusion {

/// y' = state y + action a + noise xi
struct Factors {
  double state, action, noise;
};

/// A solver whose steps are linear in the state, the action and the noise, and remember nothing.
class OneStage : public Simulator {
 public:
  explicit OneStage(double eta) : eta_(eta) {}
  [[nodiscard]] std::unique_ptr<Stepper> start(const ForwardProcess& process) const final;
  [[nodiscard]] double eta() const final { return eta_; }
  [[nodiscard]] Stages stages() const final { return Stages::one; }
  [[nodiscard]] virtual Factors factors(const ForwardProcess& process, Step step) const = 0;

 private:
  double eta_;
};

class EulerMaruyama final : public OneStage {
 public:
  EulerMaruyama() : OneStage(1.0) {}
  [[nodiscard]] Factors factors(const ForwardProcess& process, Step step) const override;
};

class Exponential final : public OneStage {
 public:
  Exponential() : OneStage(1.0) {}
  [[nodiscard]] Factors factors(const ForwardProcess& process, Step step) const override;
};

class OdeEuler final : public OneStage {
 public:
  OdeEuler() : OneStage(0.0) {}
  [[nodiscard]] Factors factors(const ForwardProcess& process, Step step) const override;
};

class Ddim final : public OneStage {
 public:
  using OneStage::OneStage;
  [[nodiscard]] Factors factors(const ForwardProcess& process, Step step) const override;
};

}  // namespace tropism::diffusion
