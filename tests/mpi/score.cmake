# SPDX-License-Identifier: MIT
tropism_add_test(score_on_ranks
  SOURCES score_drawn_signal.cpp score_rank_rounds.cpp score_ratio_signal.cpp score_streamed.cpp
  MODULES score RANKS 1 2 3 4)
