# SPDX-License-Identifier: MIT
tropism_add_test(unit_evaluation
  SOURCES evaluation_distances.cpp evaluation_divergence.cpp evaluation_nearest_neighbours.cpp evaluation_report.cpp
          evaluation_summaries.cpp
  MODULES evaluation)
