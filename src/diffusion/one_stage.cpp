// SPDX-License-Identifier: MIT
#include "one_stage.hpp"

#include <algorithm>
#include <cmath>

#include <tropism/base/elementwise.hpp>

namespace tropism::diffusion {
namespace {

class OneStageStepper final : public Stepper {
 public:
  OneStageStepper(const OneStage& simulator, const ForwardProcess& process)
      : simulator_(simulator), process_(process) {}

  [[nodiscard]] torch::Tensor step(Step step, const torch::Tensor& y, const torch::Tensor& action,
                                   const torch::Tensor& noise,
                                   const ActionAt& /*action_at*/) override {
    const auto by = simulator_.factors(process_, step);
    if (!noise.defined() || by.noise == 0.0)
      return base::linear_combination({{by.state, y}, {by.action, action}});
    return base::linear_combination({{by.state, y}, {by.action, action}, {by.noise, noise}});
  }

 private:
  const OneStage& simulator_;
  const ForwardProcess& process_;
};

}  // namespace

std::unique_ptr<Stepper> OneStage::start(const ForwardProcess& process) const {
  return std::make_unique<OneStageStepper>(*this, process);
}

// y' = (1 + f dt) y + g^2 dt a + g sqrt(dt) xi
Factors EulerMaruyama::factors(const ForwardProcess& process, Step step) const {
  const double dt = step.size(), g_squared = process.diffusion_squared(step.from);
  return {1.0 + process.drift(step.from) * dt, g_squared * dt, std::sqrt(g_squared * dt)};
}

// y' = (a_t/a_s) y + int (a_t/a_u) g_u^2 du a + a_t sqrt(rho_s^2 - rho_t^2) xi
Factors Exponential::factors(const ForwardProcess& process, Step step) const {
  const double ratio = process.signal(step.to) / process.signal(step.from);
  const double noise =
      ratio * ratio * process.variance(step.from) - process.variance(step.to);  // > 0
  return {ratio, process.held_score_weight(step.from, step.to), std::sqrt(std::max(noise, 0.0))};
}

// y' = (1 + f dt) y + (g^2/2) dt a
Factors OdeEuler::factors(const ForwardProcess& process, Step step) const {
  const double dt = step.size();
  return {1.0 + process.drift(step.from) * dt, 0.5 * process.diffusion_squared(step.from) * dt,
          0.0};
}

Factors Ddim::factors(const ForwardProcess& process, Step step) const {
  const double v_s = process.variance(step.from), v_t = process.variance(step.to);
  const double ratio = process.signal(step.to) / process.signal(step.from);
  // w^2 = eta^2 (v_t/v_s)(v_s - (a_s/a_t)^2 v_t)
  const double ancestral = v_t * std::max(0.0, 1.0 - v_t / (v_s * ratio * ratio));
  const double w_squared = eta() * eta() * ancestral;
  // y' = (a_t/a_s)(y + v_s a) - sqrt(v_t - w^2) sigma_s a + w xi
  return {ratio, ratio * v_s - std::sqrt((v_t - w_squared) * v_s), std::sqrt(w_squared)};
}

}  // namespace tropism::diffusion
