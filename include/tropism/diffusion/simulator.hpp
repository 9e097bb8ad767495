// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <functional>
#include <memory>

#include <tropism/diffusion/forward_process.hpp>
#include <tropism/diffusion/time_grid.hpp>

namespace tropism::diffusion {

/// What acts at other states and noise times > 0: asked by a solver of several stages.
using ActionAt = std::function<torch::Tensor(const torch::Tensor& y, double noise_time)>;

/// A batch of trajectories on its way from T to 0: its steps must be taken in order. It remembers
/// of earlier steps what a multistep solver needs, and nothing where none is.
class Stepper {
 public:
  virtual ~Stepper() = default;

  /// Finite also where step.to = 0, if its arguments are.
  /// @param y           states, [B, D]
  /// @param action      the score, or what stands for it, at y and step.from, [B, D]
  /// @param noise       standard normal, [B, D]; undefined = a step without noise. Deterministic
  ///                    solvers do not look at it
  /// @param action_at   as `action`, elsewhere; asked by solvers of several stages only
  /// @return            states after the step, [B, D]
  [[nodiscard]] virtual torch::Tensor step(Step step, const torch::Tensor& y,
                                           const torch::Tensor& action, const torch::Tensor& noise,
                                           const ActionAt& action_at) = 0;
};

/// How many scores a step of a simulator is made of.
enum class Stages {
  one,     // the action given to the step, alone
  several  // also actions of earlier steps, or at further states
};

/// A numerical solver of the controlled reverse process
///   dy = [f y + (1 + eta^2)/2 g^2 a] dt + eta g dW
/// (MATH E5): eta = 1 is the SDE [GZZ24, eq. (10)], eta = 0 the ODE [GZZ24, eq. (39)].
class Simulator {
 public:
  virtual ~Simulator() = default;

  /// Begins a batch at noise time T. The process must outlive the stepper.
  [[nodiscard]] virtual std::unique_ptr<Stepper> start(const ForwardProcess& process) const = 0;

  /// eta of the process whose solutions its steps approach.
  [[nodiscard]] virtual double eta() const = 0;

  [[nodiscard]] virtual Stages stages() const = 0;

  [[nodiscard]] bool is_deterministic() const { return eta() == 0.0; }
  /// c = (1 + eta^2)/2, the share of g^2 a in the drift: the best policy mean is s + (c/2) J_y.
  [[nodiscard]] double score_share() const { return 0.5 * (1.0 + eta() * eta()); }
};

/// With s = step.from, t = step.to, sigma = sqrt(v), rho = sigma/a_t, and x0 = (y + v_s a)/a_s the
/// data that an action speaks of. A last step to t = 0 ends at x0 with ddim, heun and
/// dpm-solver++2m.
///   euler-maruyama   y' = y + [f y + g^2 a] dt + g sqrt(dt) xi, eq. (33)
///   exponential      the SDE's exact solution with the action held over the step
///   ode-euler        y' = y + [f y + g^2 a/2] dt, eq. (39)
///   ddim             y' = a_t x0 - sqrt(v_t - w^2) sigma_s a + w xi with
///                    w^2 = eta^2 (v_t/v_s)(v_s - (a_s/a_t)^2 v_t): the ODE's exact solution with
///                    sigma a held at eta = 0, ancestral sampling at eta = 1 [Song et al. 2021]
///   heun             trapezoidal rule for d(y/a)/d rho = -sigma s [Karras et al. 2022]; the last
///                    step is Euler's. The second stage's action is the policy's own
///   dpm-solver++2m   two-step, linear in x0 over log rho [Lu et al. 2022]; the first and the last
///                    step are DDIM's
///   deis             two-step Adams-Bashforth for d(y/a)/d rho = -sigma s (rho-AB) [Zhang and Chen
///                    2023]; the first step is DDIM's
/// @throws ConfigError   for a kind that is not known, or an eta that makes no sense
[[nodiscard]] std::shared_ptr<const Simulator> make_simulator(const SimulatorConfig& config);

}  // namespace tropism::diffusion
