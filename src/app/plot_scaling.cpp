// SPDX-License-Identifier: MIT
// The picture of a scaling study: where the time of an episode goes, and the efficiency with the
// cost model's line; strong scaling above, weak below.
#include <algorithm>
#include <array>
#include <cmath>

#include "scaling_study.hpp"

namespace tropism::app {
namespace {

using training::Aggregate;

constexpr std::array<const char*, 5> parts = {"rollout", "score", "learn", "wait", "reduce"};

std::vector<ScalingPoint> points_of(const ScalingStudy& study, Scaling scaling) {
  std::vector<ScalingPoint> points;
  for (const auto& point : study.measured.points)
    if (point.scaling == scaling && (point.ranks > 1 || point.aggregate == Aggregate::on_root))
      points.push_back(point);
  return points;
}

/// Columns: position, then milliseconds up to the top of each part.
torch::Tensor bar_tops(const std::vector<ScalingPoint>& points) {
  const auto count = static_cast<std::int64_t>(points.size());
  auto rows = torch::empty({count, 1 + static_cast<std::int64_t>(parts.size())}, torch::kFloat64);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto& time = points[static_cast<std::size_t>(i)].time;
    const auto lengths = torch::tensor(
        {time.rollout, time.score, time.learn, time.wait, time.reduce}, torch::kFloat64);
    rows[i][0] = static_cast<double>(i);
    rows[i].narrow(0, 1, lengths.size(0)).copy_(1e3 * lengths.cumsum(0));
  }
  return rows;
}

std::string bar_names(const std::vector<ScalingPoint>& points) {
  std::string names;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto& point = points[i];
    const auto way = point.ranks == 1 ? "" : " " + name_of(point.aggregate);
    names +=
        (i > 0 ? ", " : "") + quoted(std::to_string(point.ranks) + way) + " " + std::to_string(i);
  }
  return "set xtics (" + names + ") scale 0\n";
}

/// The longest bar is drawn first, the others before it.
std::string bars(const ScalingStudy& study, Scaling scaling) {
  const auto points = points_of(study, scaling);
  const auto block = "bars_" + name_of(scaling);
  std::string plots;
  for (std::size_t part = parts.size(); part-- > 0;)
    plots += (plots.empty() ? "plot $" : ", $") + block + " using 1:" + std::to_string(part + 2) +
             " with boxes lc rgb '" + colour(part) + "' title " + quoted(parts[part]);
  return data_block(block, bar_tops(points)) + bar_names(points) +
         "unset logscale\nset xrange [-0.6:" + plain(static_cast<double>(points.size()) - 0.4) +
         "]\nset yrange [0:*]\nset key at graph 1.02,graph 1 left top Left reverse "
         "vertical\nset xlabel 'ranks and "
         "aggregation' offset 0,0.4\nset title " +
         quoted("ms per episode, " + name_of(scaling) + " scaling") + "\n" + plots + "\n";
}

/// Columns: ranks, percent.
torch::Tensor measured_efficiency(const ScalingStudy& study, const ScalingCase& which) {
  std::vector<double> rows;
  for (const auto& point : study.measured.points) {
    if (point.scaling != which.scaling || point.aggregate != which.aggregate) continue;
    rows.push_back(point.ranks);
    rows.push_back(100.0 * efficiency(point.scaling, point.ranks, seconds_of_one_rank(study),
                                      point.time.total()));
  }
  return torch::tensor(rows, torch::kFloat64).view({-1, 2});
}

torch::Tensor predicted_efficiency(const ScalingStudy& study, const ScalingCase& which) {
  const auto one = study.predicted(which.scaling, which.aggregate, 1).total();
  std::vector<double> rows;
  for (const int ranks : powers_of_two_up_to(predicted_rank_counts().back())) {
    const auto seconds = study.predicted(which.scaling, which.aggregate, ranks).total();
    rows.push_back(ranks);
    rows.push_back(100.0 * efficiency(which.scaling, ranks, one, seconds));
  }
  return torch::tensor(rows, torch::kFloat64).view({-1, 2});
}

std::string curves(const ScalingStudy& study, Scaling scaling) {
  std::string blocks, plots;
  for (const auto aggregate : {Aggregate::on_root, Aggregate::on_all}) {
    const ScalingCase which = {scaling, aggregate};
    const auto block = name_of(scaling) + "_" + name_of(aggregate);
    const std::string look = aggregate == Aggregate::on_root ? colour(0) : colour(1);
    const auto add = [&](const std::string& kind, const torch::Tensor& rows,
                         const std::string& style) {
      blocks += data_block(kind + block, rows);
      plots += (plots.empty() ? "plot $" : ", $") + kind + block + " using 1:2 with " + style +
               " lc rgb '" + look + "' title " + quoted(name_of(aggregate) + ", " + kind);
    };
    add("measured", measured_efficiency(study, which), "points pt 7 ps 1.2");
    if (study.assumed) add("model", predicted_efficiency(study, which), "lines lw 1.8");
  }
  return blocks +
         "set logscale x 2\nset xtics auto\nset xrange [0.9:*]\nset yrange [0:*]\nset key inside "
         "right center Left reverse vertical\nset xlabel 'ranks' offset 0,0.4\nset title " +
         quoted("efficiency in %, " + name_of(scaling) + " scaling") + "\n" + plots + "\n";
}

}  // namespace

Plot plot_scaling(const ScalingStudy& study) {
  Plot plot;
  plot.width = 1400;
  plot.height = 770;
  plot.commands = begin_panels("Training on several ranks") + light_axes() +
                  "set style fill solid 0.85 noborder\nset boxwidth 0.8\n";
  double top = 90;
  for (const auto scaling : {Scaling::strong, Scaling::weak}) {
    plot.commands += place({76, top, 560, 250}, plot) + bars(study, scaling) +
                     place({820, top, 550, 250}, plot) + curves(study, scaling);
    top += 360;
  }
  plot.commands += end_panels();
  return plot;
}

}  // namespace tropism::app
