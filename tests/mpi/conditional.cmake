# SPDX-License-Identifier: MIT
tropism_add_test(context_kernel_on_ranks
  SOURCES conditional_context_kernel.cpp
  MODULES conditional RANKS 1 2 4)
