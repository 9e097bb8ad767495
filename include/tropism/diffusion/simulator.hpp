// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/diffusion/forward_process.hpp>

namespace tropism::diffusion {

/// One step of the controlled reverse process dy = [f y + g^2 a] dt + g dW [GZZ24, eq. (10)].
class Simulator {
 public:
  virtual ~Simulator() = default;

  /// @param noise_time   tau at which the step starts; it ends at noise_time - dt
  /// @param y            states, [B, D]
  /// @param action       the score that is held over the step, [B, D]
  /// @param noise        standard normal, [B, D]; undefined = a step without noise
  /// @return             states after the step, [B, D]
  [[nodiscard]] virtual torch::Tensor step(const ForwardProcess& process, double noise_time,
                                           double dt, const torch::Tensor& y,
                                           const torch::Tensor& action,
                                           const torch::Tensor& noise) const = 0;
};

/// y' = y + [f y + g^2 a] dt + g sqrt(dt) xi, eq. (33).
class EulerMaruyama final : public Simulator {
 public:
  [[nodiscard]] torch::Tensor step(const ForwardProcess& process, double noise_time, double dt,
                                   const torch::Tensor& y, const torch::Tensor& action,
                                   const torch::Tensor& noise) const override;
};

[[nodiscard]] std::shared_ptr<const Simulator> make_simulator(const SimulatorConfig& config);

}  // namespace tropism::diffusion
