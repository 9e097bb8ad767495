// SPDX-License-Identifier: MIT
#include <tropism/base/config_check.hpp>
#include <tropism/diffusion/diffusion_config.hpp>

namespace tropism::diffusion {

void ProcessConfig::validate() const {
  base::check_one_of("process", "kind", kind, {"ornstein-uhlenbeck"});
  base::check_positive("process", "terminal_time", terminal_time);
  base::check_positive("process", "drift", drift);
  base::check_positive("process", "diffusion", diffusion);
}

void TimeGridConfig::validate() const {
  base::check_one_of("time_grid", "kind", kind, {"uniform"});
  base::check_at_least("time_grid", "steps", steps, 1);
}

void SimulatorConfig::validate() const {
  base::check_one_of("simulator", "kind", kind, {"euler-maruyama"});
}

}  // namespace tropism::diffusion
