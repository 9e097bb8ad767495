// SPDX-License-Identifier: MIT
#pragma once

#include <tropism/diffusion/simulator.hpp>

namespace tropism::diffusion {

/// A solver of the ODE that makes a step of several scores.
class SeveralStages : public Simulator {
 public:
  [[nodiscard]] double eta() const final { return 0.0; }
  [[nodiscard]] Stages stages() const final { return Stages::several; }
};

class Heun final : public SeveralStages {
 public:
  [[nodiscard]] std::unique_ptr<Stepper> start(const ForwardProcess& process) const override;
};

class DpmSolver2M final : public SeveralStages {
 public:
  [[nodiscard]] std::unique_ptr<Stepper> start(const ForwardProcess& process) const override;
};

class Deis final : public SeveralStages {
 public:
  [[nodiscard]] std::unique_ptr<Stepper> start(const ForwardProcess& process) const override;
};

}  // namespace tropism::diffusion
