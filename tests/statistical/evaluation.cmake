# SPDX-License-Identifier: MIT
tropism_add_test(statistical_evaluation_divergence
  SOURCES evaluation_divergence.cpp
  MODULES evaluation
  LABELS statistical)
