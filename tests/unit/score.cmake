# SPDX-License-Identifier: MIT
tropism_add_test(unit_score_mixture SOURCES score_gaussian_mixture.cpp score_optimal_control.cpp MODULES score)
tropism_add_test(unit_score_ratio
  SOURCES score_ratio_contexts.cpp score_ratio_data.cpp score_ratio_signal.cpp score_ratio_state.cpp score_ratio_state_limits.cpp
  MODULES score reward)
tropism_add_test(unit_score_engine
  SOURCES score_engine.cpp score_pruning.cpp
  MODULES score)
tropism_add_test(unit_score_streamed SOURCES score_streamed.cpp MODULES score)
tropism_add_test(unit_score_memory_limit SOURCES score_memory_limit.cpp MODULES score)
tropism_add_test(unit_score_draws
  SOURCES score_drawn_signal.cpp score_posterior_draw.cpp
  MODULES score)
