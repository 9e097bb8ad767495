# SPDX-License-Identifier: MIT
tropism_add_test(score_rank_rounds SOURCES score_rank_rounds.cpp MODULES score RANKS 1 2 4)
tropism_add_test(score_ratio_signal_on_ranks
  SOURCES score_drawn_signal.cpp score_ratio_signal.cpp
  MODULES score RANKS 1 2 3 4)
tropism_add_test(score_streamed_on_ranks
  SOURCES score_streamed.cpp
  MODULES score RANKS 1 2 4)
