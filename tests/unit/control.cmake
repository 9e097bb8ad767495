# SPDX-License-Identifier: MIT
tropism_add_test(unit_control
  SOURCES control_expected_update.cpp control_losses.cpp control_noised_data.cpp control_online.cpp control_optimal_policy.cpp
          control_policy_gradient.cpp control_policy_mean.cpp control_roll_out.cpp control_sampled_update.cpp
          control_score_noise.cpp control_simulators.cpp control_step_subset.cpp control_value_function.cpp
  MODULES control)
