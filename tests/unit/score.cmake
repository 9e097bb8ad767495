# SPDX-License-Identifier: MIT
tropism_add_test(unit_score
  SOURCES score_device.cpp score_drawn_signal.cpp score_engine.cpp score_gaussian_mixture.cpp score_optimal_control.cpp score_posterior_draw.cpp
          score_pruning.cpp score_ratio_contexts.cpp score_ratio_data.cpp score_ratio_signal.cpp score_ratio_state.cpp
          score_ratio_state_limits.cpp score_streamed.cpp ../support/simulated_device.cpp
  MODULES score reward)
tropism_add_test(unit_score_memory_limit SOURCES score_memory_limit.cpp MODULES score)
