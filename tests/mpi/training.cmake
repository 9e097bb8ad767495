# SPDX-License-Identifier: MIT
tropism_add_test(training_on_ranks
  SOURCES training_context_summary.cpp training_reducer.cpp training_streamed_summary.cpp training_trainer.cpp
  MODULES training RANKS 1 2 3 4)
