# SPDX-License-Identifier: MIT
tropism_add_test(unit_diffusion
  SOURCES diffusion_forward_process.cpp diffusion_several_stages.cpp diffusion_simulator.cpp
          diffusion_solver_order.cpp diffusion_time_grid.cpp
  MODULES diffusion score)
