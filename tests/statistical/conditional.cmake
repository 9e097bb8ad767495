# SPDX-License-Identifier: MIT
tropism_add_test(statistical_contexts
  SOURCES conditional_context_convergence.cpp
  MODULES conditional
  LABELS statistical)
