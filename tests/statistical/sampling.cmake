# SPDX-License-Identifier: MIT
tropism_add_test(statistical_sampling_law
  SOURCES sampling_law.cpp sampling_solvers.cpp
  MODULES sampling
  LABELS statistical)
