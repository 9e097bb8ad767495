# SPDX-License-Identifier: MIT
tropism_add_test(statistical_tilted_law
  SOURCES training_tilted_law.cpp
  MODULES training
  TAGS beta-0 beta-0.1 beta-1 returns-alone error-falls
  LABELS statistical slow
  TIMEOUT 400)
