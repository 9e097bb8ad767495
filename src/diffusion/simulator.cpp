// SPDX-License-Identifier: MIT
#include <tropism/diffusion/simulator.hpp>

#include <cmath>

namespace tropism::diffusion {

torch::Tensor EulerMaruyama::step(const ForwardProcess& process, double noise_time, double dt,
                                  const torch::Tensor& y, const torch::Tensor& action,
                                  const torch::Tensor& noise) const {
  const double g_squared = process.diffusion_squared(noise_time);
  // y' = (1 + f dt) y + g^2 dt a + g sqrt(dt) xi
  auto next = (y * (1.0 + process.drift(noise_time) * dt)).add_(action, g_squared * dt);
  if (noise.defined()) next.add_(noise, std::sqrt(g_squared * dt));
  return next;
}

std::shared_ptr<const Simulator> make_simulator(const SimulatorConfig& config) {
  config.validate();
  return std::make_shared<EulerMaruyama>();
}

}  // namespace tropism::diffusion
