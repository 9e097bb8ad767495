# SPDX-License-Identifier: MIT
tropism_add_test(statistical_tilted_law
  SOURCES training_tilted_law.cpp
  MODULES training
  TAGS beta-0 beta-0.1 beta-1 returns-alone error-falls tilted-score weighted-score-matching
  LABELS statistical slow
  TIMEOUT 400)
foreach(case returns-alone beta-0.1)  # the longest begin first
  set_tests_properties(statistical_tilted_law.${case} PROPERTIES COST 55)
endforeach()
tropism_add_test(statistical_policy_gradient
  SOURCES training_policy_gradient.cpp
  MODULES training
  LABELS statistical)
tropism_add_test(statistical_online
  SOURCES training_online.cpp
  MODULES training
  LABELS statistical)
