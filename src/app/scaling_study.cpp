// SPDX-License-Identifier: MIT
#include "scaling_study.hpp"

#include <algorithm>

#include <tropism/base/error.hpp>

#include "text_table.hpp"

namespace tropism::app {
namespace {

using training::Aggregate;

/// A rank that shares its core measures the scheduler, not the program; and what one rank did
/// counts once.
std::vector<ComputeTime> compute_times(const ScalingMeasurements& measured) {
  std::vector<ComputeTime> times;
  for (const auto* points : {&measured.points, &measured.batches})
    for (const auto& point : *points)
      if (!point.oversubscribed &&
          (point.ranks > 1 || times.empty() || points == &measured.batches))
        times.push_back({point.largest_share, point.time.compute() + point.time.wait});
  return times;
}

/// c0 and c, or c alone where all runs had the same share.
LeastSquares fit_of_compute(const std::vector<ComputeTime>& times) {
  base::expects(!times.empty(), "a run that had its cores");
  if (times.size() >= 2) return fit_compute(times);
  return {{0.0, times[0].seconds / static_cast<double>(times[0].trajectories)}, {0.0, 0.0}, 0.0};
}

std::optional<CostConstants> assume(const ScalingStudy& study, const NetworkAssumption& network) {
  auto constants = study.of_machine;
  if (!study.messages && !(network.latency && network.per_byte)) return std::nullopt;
  constants.latency = network.latency.value_or(constants.latency);
  constants.per_byte = network.per_byte.value_or(constants.per_byte);
  return constants;
}

double largest_share_of_aggregation(const ScalingStudy& study, const ScalingCase& which) {
  double share = 0.0;
  for (const int ranks : predicted_rank_counts())
    share =
        std::max(share, study.predicted(which.scaling, which.aggregate, ranks).aggregation_share());
  return share;
}

/// "4.2 ms of messages and 11.3 ms of the optimizer's step"
std::string aggregation_text(const EpisodeCost& cost) {
  return significant(1e3 * cost.messages, 3) + " ms of messages and " +
         significant(1e3 * cost.step, 3) + " ms of the optimizer's step";
}

std::string verdict(const ScalingStudy& study, const ScalingCase& which) {
  const auto ranks = ranks_ruled_by_aggregation(*study.assumed, study.measured.work, which.scaling,
                                                which.aggregate, predicted_rank_counts());
  const std::string begin = "With [run] aggregate = \"" + name_of(which.aggregate) + "\", " +
                            name_of(which.scaling) + " scaling: ";
  if (ranks)
    return begin + "from " + std::to_string(*ranks) +
           " ranks on, the aggregation takes more than half of an episode, there " +
           aggregation_text(study.predicted(which.scaling, which.aggregate, *ranks)) + ".";
  return begin +
         "the aggregation takes less than half of an episode on 16 to 4096 ranks, at most " +
         significant(100.0 * largest_share_of_aggregation(study, which), 2) + " %.";
}

}  // namespace

EpisodeCost ScalingStudy::predicted(Scaling scaling, Aggregate aggregate, int ranks) const {
  return predict(*assumed, measured.work, scaling, aggregate, ranks);
}

ScalingStudy study(ScalingMeasurements measured, const NetworkAssumption& network) {
  ScalingStudy study;
  study.measured = std::move(measured);
  study.compute = fit_of_compute(compute_times(study.measured));
  auto& constants = study.of_machine;
  constants.fixed = study.compute.constants[0];
  constants.per_trajectory = study.compute.constants[1];
  constants.step = study.measured.points.front().time.reduce;
  if (!study.measured.messages.empty()) {
    study.messages = fit_messages(study.measured.messages);
    constants.latency = study.messages->constants[0];
    constants.per_byte = study.messages->constants[1];
    constants.per_sum = study.messages->constants[2];
  }
  study.assumed = assume(study, network);
  return study;
}

std::vector<int> predicted_rank_counts() {
  return {16, 32, 64, 128, 256, 512, 1024, 2048, 4096};
}

const std::array<ScalingCase, 4>& scaling_cases() {
  static constexpr std::array<ScalingCase, 4> cases = {{{Scaling::strong, Aggregate::on_root},
                                                        {Scaling::strong, Aggregate::on_all},
                                                        {Scaling::weak, Aggregate::on_root},
                                                        {Scaling::weak, Aggregate::on_all}}};
  return cases;
}

std::string name_of(Scaling scaling) {
  return scaling == Scaling::strong ? "strong" : "weak";
}

std::string name_of(Aggregate aggregate) {
  return aggregate == Aggregate::on_root ? "root" : "all";
}

std::vector<std::string> verdicts(const ScalingStudy& study) {
  std::vector<std::string> sentences;
  if (!study.assumed) return sentences;
  for (const auto& which : scaling_cases()) sentences.push_back(verdict(study, which));
  return sentences;
}

std::optional<BusyCores> busy_cores(const ScalingStudy& study) {
  const auto& points = study.measured.points;
  const double alone = points.front().time.compute();
  BusyCores found;
  for (const auto& point : points) {
    if (point.scaling != Scaling::weak || point.oversubscribed || point.ranks < found.ranks ||
        point.ranks == 1)
      continue;
    const double slowdown = point.time.compute() / alone;
    found.slowdown = point.ranks == found.ranks ? std::min(found.slowdown, slowdown) : slowdown;
    found.ranks = point.ranks;
  }
  return found.ranks > 1 ? std::optional(found) : std::nullopt;
}

double seconds_of_one_rank(const ScalingStudy& study) {
  return study.measured.points.front().time.total();
}

}  // namespace tropism::app
