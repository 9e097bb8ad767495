# SPDX-License-Identifier: MIT
tropism_add_test(statistical_score_ratio
  SOURCES score_ratio_convergence.cpp
  MODULES score
  LABELS statistical)
