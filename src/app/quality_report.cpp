// SPDX-License-Identifier: MIT
// What a study of time to quality found, as tables, JSON and a picture.
#include <algorithm>

#include "quality_study.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;
using Numbers = std::vector<double>;

Numbers numbers_of(const QualityPoint& point, double QualityRun::*number) {
  Numbers numbers;
  for (const auto& run : point.runs) numbers.push_back(run.*number);
  return numbers;
}

double mean_of(const QualityPoint& point, double QualityRun::*number) {
  double sum = 0.0;
  for (const auto& run : point.runs) sum += run.*number;
  return sum / static_cast<double>(point.runs.size());
}

std::optional<double> mean_of(const QualityPoint& point,
                              std::optional<double> QualityRun::*number) {
  double sum = 0.0;
  for (const auto& run : point.runs) {
    if (!(run.*number)) return std::nullopt;
    sum += *(run.*number);
  }
  return sum / static_cast<double>(point.runs.size());
}

double worst_of(const QualityStudy& study, const QualityPoint& point) {
  const auto qualities = numbers_of(point, &QualityRun::quality);
  return study.by_labels ? *std::min_element(qualities.begin(), qualities.end())
                         : *std::max_element(qualities.begin(), qualities.end());
}

std::string text_of(std::optional<double> number, int digits) {
  return number ? significant(*number, digits) : "-";
}

/// One seed has a standard error of its samples; of several the worst is told.
std::string quality_text(const QualityStudy& study, const QualityPoint& point) {
  const auto mean = mean_of(point, &QualityRun::quality);
  if (point.runs.size() > 1)
    return significant(mean, 4) + " (" + significant(worst_of(study, point), 4) + ")";
  const auto error = point.runs.front().standard_error;
  return significant(mean, 4) + (error ? " ± " + significant(*error, 2) : "");
}

/// The longest run of each variant, which is the one that reached the target if any did.
std::vector<QualityPoint> last_points(const QualityStudy& study) {
  std::vector<QualityPoint> last;
  for (const auto& point : study.points) {
    if (last.empty() || last.back().variant != point.variant) last.emplace_back();
    last.back() = point;
  }
  return last;
}

std::string quality_name(const QualityStudy& study) {
  return study.by_labels ? "label agreement" : "KL divergence";
}

bool has_reward(const QualityStudy& study) {
  return std::any_of(study.points.begin(), study.points.end(), [](const auto& point) {
    return !point.runs.empty() && point.runs.front().reward;
  });
}

Cells cells_of(const QualityStudy& study, const QualityPoint& point) {
  if (point.diverged)
    return {point.variant, std::to_string(point.episodes), "-", "-", "-", "diverged"};
  const double seconds = mean_of(point, &QualityRun::seconds);
  Cells cells = {point.variant,
                 std::to_string(point.episodes),
                 significant(seconds, 3),
                 significant(mean_of(point, &QualityRun::cpu_seconds), 3),
                 significant(1e3 * seconds / point.episodes, 3),
                 quality_text(study, point),
                 text_of(mean_of(point, &QualityRun::nearest), 3)};
  if (has_reward(study)) cells.push_back(text_of(mean_of(point, &QualityRun::reward), 4));
  if (study.plan.target) cells.emplace_back(point.reached ? "yes" : "no");
  return cells;
}

std::string table_of(const QualityStudy& study, const std::vector<QualityPoint>& points) {
  Cells titles = {"variant",        "episodes",          "seconds",     "CPU seconds",
                  "ms per episode", quality_name(study), "nearest/data"};
  if (study.plan.seeds > 1) titles[5] += " (worst)";
  if (has_reward(study)) titles.emplace_back("reward");
  if (study.plan.target) titles.emplace_back("target reached");
  std::vector<Cells> lines = {titles};
  for (const auto& point : points) lines.push_back(cells_of(study, point));
  return text_table(lines);
}

json json_of(const QualityPoint& point) {
  if (point.diverged)
    return {{"variant", point.variant},
            {"episodes", point.episodes},
            {"reached", false},
            {"diverged", true}};
  json runs = json::array();
  const auto or_null = [](std::optional<double> number) { return number ? json(*number) : json(); };
  for (const auto& run : point.runs)
    runs.push_back({{"seconds", run.seconds},
                    {"cpu_seconds", run.cpu_seconds},
                    {"quality", run.quality},
                    {"quality_standard_error", or_null(run.standard_error)},
                    {"nearest_ratio", or_null(run.nearest)},
                    {"reward", or_null(run.reward)}});
  return {{"variant", point.variant},
          {"episodes", point.episodes},
          {"seconds", mean_of(point, &QualityRun::seconds)},
          {"cpu_seconds", mean_of(point, &QualityRun::cpu_seconds)},
          {"quality", mean_of(point, &QualityRun::quality)},
          {"reached", point.reached},
          {"diverged", false},
          {"runs", runs}};
}

json json_of(const std::vector<QualityPoint>& points) {
  json all = json::array();
  for (const auto& point : points) all.push_back(json_of(point));
  return all;
}

/// Columns: seconds, quality.
torch::Tensor curve_of(const QualityStudy& study, const std::string& variant) {
  Numbers numbers;
  for (const auto& point : study.points)
    if (point.variant == variant && !point.diverged)
      numbers.insert(numbers.end(),
                     {mean_of(point, &QualityRun::seconds), mean_of(point, &QualityRun::quality)});
  return torch::tensor(numbers, torch::kFloat64).view({-1, 2});
}

}  // namespace

std::string quality_table(const QualityStudy& study) {
  std::string text = "All runs\n" + table_of(study, study.points);
  if (study.plan.target)
    text += "\nThe shortest run that reached a " + quality_name(study) + " of " +
            significant(*study.plan.target, 4) + " with every seed, or else the longest\n" +
            table_of(study, last_points(study));
  return text +
         "Seconds are those of training alone. CPU seconds are of all ranks, waiting included. "
         "nearest/data: distance of a sample to the nearest row of the data, over that between "
         "rows; near 0 they are repeated.\n";
}

json quality_json(const QualityStudy& study) {
  return {{"quality", quality_name(study)},
          {"target", study.plan.target ? json(*study.plan.target) : json()},
          {"seeds", study.plan.seeds},
          {"samples", study.plan.draw.samples},
          {"last_step", study.plan.draw.last_step},
          {"points", json_of(study.points)},
          {"answers", json_of(last_points(study))}};
}

Plot plot_quality(const QualityStudy& study) {
  Plot plot;
  std::string curves;
  std::size_t number = 0;
  for (const auto& point : last_points(study)) {
    const auto curve = curve_of(study, point.variant);
    if (curve.size(0) == 0) continue;
    const auto block = "curve" + std::to_string(number);
    plot.commands += data_block(block, curve);
    curves += (number == 0 ? "plot $" : ", $") + block +
              " using 1:2 with linespoints pt 7 ps 1.2 lw 1.8 lc rgb '" + colour(number) + "' dt " +
              std::to_string(1 + number / 10) + " title " + quoted(point.variant);
    ++number;
  }
  if (number == 0) curves = "set yrange [0:1]\nplot NaN notitle";  // all diverged
  plot.commands += light_axes() +
                   "set key outside right center Left reverse vertical\nset logscale x\nset xlabel "
                   "'seconds of training'\nset ylabel " +
                   quoted(quality_name(study)) + "\n" + curves + "\n";
  return plot;
}

}  // namespace tropism::app
