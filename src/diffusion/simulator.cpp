// SPDX-License-Identifier: MIT
#include <tropism/diffusion/simulator.hpp>

#include "one_stage.hpp"
#include "several_stages.hpp"

namespace tropism::diffusion {

std::shared_ptr<const Simulator> make_simulator(const SimulatorConfig& config) {
  config.validate();
  if (config.kind == "exponential") return std::make_shared<Exponential>();
  if (config.kind == "ode-euler") return std::make_shared<OdeEuler>();
  if (config.kind == "ddim") return std::make_shared<Ddim>(config.eta);
  if (config.kind == "heun") return std::make_shared<Heun>();
  if (config.kind == "dpm-solver++2m") return std::make_shared<DpmSolver2M>();
  if (config.kind == "deis") return std::make_shared<Deis>();
  return std::make_shared<EulerMaruyama>();
}

}  // namespace tropism::diffusion
