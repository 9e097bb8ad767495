// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results.hpp"
#include "scaling_measure.hpp"

namespace tropism::app {

/// A network that is not the one measured; what is left out is as measured.
struct NetworkAssumption {
  std::optional<double> latency;   // alpha, seconds
  std::optional<double> per_byte;  // beta, seconds
};

/// What was measured, and the cost model that follows from it.
struct ScalingStudy {
  ScalingMeasurements measured;
  LeastSquares compute;                  // c0, c
  std::optional<LeastSquares> messages;  // alpha, beta, gamma; nothing where no two ranks had cores
  CostConstants of_machine;              // as fitted
  std::optional<CostConstants> assumed;  // for predictions, if alpha and beta are known at all

  [[nodiscard]] EpisodeCost predicted(Scaling scaling, training::Aggregate aggregate,
                                      int ranks) const;
};

[[nodiscard]] ScalingStudy study(ScalingMeasurements measured, const NetworkAssumption& network);

/// 16, 32, ..., 4096: the ranks that predictions are made for.
[[nodiscard]] std::vector<int> predicted_rank_counts();

/// The four ways to run: strong and weak, root and all.
struct ScalingCase {
  Scaling scaling;
  training::Aggregate aggregate;
};
[[nodiscard]] const std::array<ScalingCase, 4>& scaling_cases();
[[nodiscard]] std::string name_of(Scaling scaling);
[[nodiscard]] std::string name_of(training::Aggregate aggregate);

/// Where the aggregation takes more than half of the episode, a sentence for each case.
[[nodiscard]] std::vector<std::string> verdicts(const ScalingStudy& study);

/// What ranks do to each other by being at work at once: their cores share a clock's limits, caches
/// and memory.
struct BusyCores {
  int ranks = 1;          // the most that had cores of their own
  double slowdown = 1.0;  // of the same work on each rank, to that on one rank alone
};
/// From weak scaling; nothing where no two ranks had cores of their own.
[[nodiscard]] std::optional<BusyCores> busy_cores(const ScalingStudy& study);

/// T(1) as measured.
[[nodiscard]] double seconds_of_one_rank(const ScalingStudy& study);

[[nodiscard]] std::string scaling_table(const ScalingStudy& study);
[[nodiscard]] nlohmann::json scaling_json(const ScalingStudy& study);
[[nodiscard]] Plot plot_scaling(const ScalingStudy& study);

}  // namespace tropism::app
