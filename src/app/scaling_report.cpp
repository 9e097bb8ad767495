// SPDX-License-Identifier: MIT
// What a scaling study found, as tables and as JSON.
#include "scaling_study.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

/// Not below a nanosecond, which is a rounding error.
std::string milliseconds(double seconds) {
  return seconds < 1e-9 ? "0" : significant(1e3 * seconds, 3);
}

std::string percent(double share) {
  return significant(100.0 * share, 3) + " %";
}

double efficiency_of(const ScalingStudy& study, const ScalingPoint& point) {
  return efficiency(point.scaling, point.ranks, seconds_of_one_rank(study), point.time.total());
}

Cells measured_cells(const ScalingStudy& study, const ScalingPoint& point) {
  const auto& time = point.time;
  const std::string predicted =
      study.assumed ? milliseconds(predict(study.of_machine, study.measured.work, point.scaling,
                                           point.aggregate, point.ranks)
                                       .total())
                    : "";
  return {name_of(point.scaling),
          name_of(point.aggregate),
          std::to_string(point.ranks) + (point.oversubscribed ? "*" : ""),
          std::to_string(point.batch),
          significant(1.0 / time.total(), 4),
          milliseconds(time.rollout),
          milliseconds(time.score),
          milliseconds(time.learn),
          milliseconds(time.wait),
          milliseconds(time.reduce),
          milliseconds(time.total()),
          predicted,
          percent(efficiency_of(study, point))};
}

std::string busy_text(const ScalingStudy& study) {
  const auto busy = busy_cores(study);
  if (!busy) return "";
  const auto ranks = static_cast<double>(busy->ranks);
  return "With " + std::to_string(busy->ranks) + " ranks at work each takes " +
         significant(busy->slowdown, 3) +
         " times as long for the same trajectories as one alone, for they share clock limits, "
         "caches and memory: were nothing else lost, strong scaling would be " +
         significant(ranks / busy->slowdown, 3) + " times as fast as one rank.\n";
}

std::string measured_table(const ScalingStudy& study) {
  std::vector<Cells> lines = {{"scaling", "aggregate", "ranks", "batch", "episodes/s", "rollout",
                               "score", "learn", "wait", "reduce", "total", "model", "efficiency"}};
  bool any_oversubscribed = false;
  for (const auto& point : study.measured.points) {
    lines.push_back(measured_cells(study, point));
    any_oversubscribed = any_oversubscribed || point.oversubscribed;
  }
  return "Measured, and what the cost model says; milliseconds per episode\n" + text_table(lines) +
         (any_oversubscribed ? "* more ranks than cores: not used for the model\n" : "") +
         busy_text(study);
}

std::string with_error(const LeastSquares& fit, std::size_t i, double unit) {
  return significant(fit.constants[i] * unit, 3) + " ± " +
         significant(fit.standard_errors[i] * unit, 1);
}

std::string assumption_text(const ScalingStudy& study) {
  if (!study.assumed)
    return "Messages were not measured, for no two ranks had cores of their own, so nothing is "
           "predicted: start it on more ranks, or give --latency and --bandwidth.\n";
  const auto &assumed = *study.assumed, &machine = study.of_machine;
  if (assumed.latency == machine.latency && assumed.per_byte == machine.per_byte)
    return study.measured.hosts == 1 ? "All ranks were on one host; a network between hosts is "
                                       "slower: --latency and --bandwidth predict for one.\n"
                                     : "Messages within hosts and between them are taken together: "
                                       "start it with one rank per host to measure the network "
                                       "alone.\n";
  return "Predictions assume alpha = " + significant(1e6 * assumed.latency, 3) +
         " us and 1/beta = " + significant(1e-9 / assumed.per_byte, 3) + " GB/s.\n";
}

/// The equations of EpisodeCost, with the constants that were found.
std::string model_text(const ScalingStudy& study) {
  const auto& work = study.measured.work;
  std::string text =
      "Cost model of an episode on p ranks, L = ceil(log2 p), N trajectories, n on the busiest "
      "rank:\n"
      "  T = c0 + c n + s + U m + L alpha + (5 L alpha + 40 N (beta + gamma))/R\n"
      "  m = S + L (alpha + w beta) with root (reduce, broadcast), S with all (all-reduce)\n"
      "  S = L (alpha + g (beta + gamma)), of long messages on 8 ranks and more 2 L alpha + (1 - "
      "1/p) g (2 beta + gamma)\n  U = " +
      std::to_string(work.updates) + " updates, g = " + std::to_string(work.gradient_bytes) +
      " and w = " + std::to_string(work.weight_bytes) +
      " bytes, a report in R = " + std::to_string(work.report_every) +
      " episodes\n  c0 = " + with_error(study.compute, 0, 1e3) +
      " ms, c = " + with_error(study.compute, 1, 1e6) + " us (" +
      percent(study.compute.relative_error) + " off), s = " + milliseconds(study.of_machine.step) +
      " ms\n";
  if (study.messages)
    text += "  alpha = " + with_error(*study.messages, 0, 1e6) +
            " us, beta = " + with_error(*study.messages, 1, 1e9) +
            " ns/byte, gamma = " + with_error(*study.messages, 2, 1e9) + " ns/byte (" +
            percent(study.messages->relative_error) + " off)\n";
  return text + assumption_text(study);
}

Cells predicted_cells(const ScalingStudy& study, Scaling scaling, int ranks) {
  const auto& work = study.measured.work;
  Cells cells = {std::to_string(ranks), std::to_string(work.trajectories(scaling, ranks)),
                 std::to_string(work.largest_share(scaling, ranks))};
  const auto one = study.predicted(scaling, training::Aggregate::on_root, 1).total();
  for (const auto aggregate : {training::Aggregate::on_root, training::Aggregate::on_all}) {
    const auto cost = study.predicted(scaling, aggregate, ranks);
    cells.push_back(milliseconds(cost.total()));
    cells.push_back(percent(efficiency(scaling, ranks, one, cost.total())));
    cells.push_back(percent(cost.aggregation_share()));
  }
  return cells;
}

std::string predicted_table(const ScalingStudy& study, Scaling scaling) {
  std::vector<Cells> lines = {{"ranks", "batch", "on one rank", "root, ms", "efficiency",
                               "aggregation", "all, ms", "efficiency", "aggregation"}};
  for (const int ranks : predicted_rank_counts())
    lines.push_back(predicted_cells(study, scaling, ranks));
  return "\nPredicted, " + name_of(scaling) + " scaling\n" + text_table(lines);
}

json to_json(const ScalingStudy& study, const ScalingPoint& point) {
  const auto& time = point.time;
  return {{"scaling", name_of(point.scaling)},
          {"aggregate", name_of(point.aggregate)},
          {"ranks", point.ranks},
          {"batch", point.batch},
          {"largest_share", point.largest_share},
          {"oversubscribed", point.oversubscribed},
          {"episodes", point.episodes},
          {"episodes_per_second", 1.0 / time.total()},
          {"seconds",
           {{"rollout", time.rollout},
            {"score", time.score},
            {"learn", time.learn},
            {"wait", time.wait},
            {"reduce", time.reduce},
            {"total", time.total()}}},
          {"efficiency", efficiency_of(study, point)}};
}

json points_json(const ScalingStudy& study, const std::vector<ScalingPoint>& points) {
  auto list = json::array();
  for (const auto& point : points) list.push_back(to_json(study, point));
  return list;
}

json messages_json(const std::vector<MessageTime>& times) {
  auto list = json::array();
  for (const auto& time : times)
    list.push_back({{"aggregate", name_of(time.aggregate)},
                    {"ranks", time.ranks},
                    {"bytes", time.bytes},
                    {"seconds", time.seconds}});
  return list;
}

json constants_json(const CostConstants& constants) {
  return {{"latency_seconds", constants.latency},
          {"seconds_per_byte", constants.per_byte},
          {"seconds_per_byte_summed", constants.per_sum},
          {"fixed_seconds", constants.fixed},
          {"seconds_per_trajectory", constants.per_trajectory},
          {"step_seconds", constants.step}};
}

json fit_json(const LeastSquares& fit) {
  return {{"constants", fit.constants},
          {"standard_errors", fit.standard_errors},
          {"relative_error", fit.relative_error}};
}

json predictions_json(const ScalingStudy& study) {
  auto list = json::array();
  for (const auto& which : scaling_cases()) {
    const auto one = study.predicted(which.scaling, which.aggregate, 1).total();
    for (const int ranks : predicted_rank_counts()) {
      const auto cost = study.predicted(which.scaling, which.aggregate, ranks);
      list.push_back({{"scaling", name_of(which.scaling)},
                      {"aggregate", name_of(which.aggregate)},
                      {"ranks", ranks},
                      {"seconds", cost.total()},
                      {"aggregation_share", cost.aggregation_share()},
                      {"efficiency", efficiency(which.scaling, ranks, one, cost.total())}});
    }
  }
  return list;
}

json work_json(const EpisodeWork& work) {
  return {{"batch", work.batch},
          {"updates", work.updates},
          {"weight_bytes", work.weight_bytes},
          {"gradient_bytes", work.gradient_bytes},
          {"report_every", work.report_every}};
}

}  // namespace

std::string scaling_table(const ScalingStudy& study) {
  std::string text = measured_table(study) + "\n" + model_text(study);
  if (!study.assumed) return text;
  for (const auto scaling : {Scaling::strong, Scaling::weak})
    text += predicted_table(study, scaling);
  text += "\n";
  for (const auto& sentence : verdicts(study)) text += sentence + "\n";
  return text;
}

json scaling_json(const ScalingStudy& study) {
  json found = {{"hosts", study.measured.hosts},
                {"work", work_json(study.measured.work)},
                {"measured", points_json(study, study.measured.points)},
                {"measured_batches", points_json(study, study.measured.batches)},
                {"measured_messages", messages_json(study.measured.messages)},
                {"fit_compute", fit_json(study.compute)},
                {"constants", constants_json(study.of_machine)}};
  if (const auto busy = busy_cores(study))
    found["busy_cores"] = {{"ranks", busy->ranks}, {"slowdown", busy->slowdown}};
  if (study.messages) found["fit_messages"] = fit_json(*study.messages);
  if (!study.assumed) return found;
  found["assumed_constants"] = constants_json(*study.assumed);
  found["predicted"] = predictions_json(study);
  found["verdicts"] = verdicts(study);
  return found;
}

}  // namespace tropism::app
