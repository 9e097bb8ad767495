// SPDX-License-Identifier: MIT
#include <algorithm>

#include <tropism/evaluation/tilt.hpp>

#include "plot_pictures.hpp"
#include "swiss_roll_study.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 3> sources = {"paper", "published", "best"};

std::string number(const std::optional<double>& value, int digits = 3) {
  return value ? significant(*value, digits) : "-";
}

/// A number and half its 95 % interval.
std::string with_half_width(const std::optional<double>& value,
                            const std::optional<double>& half_width) {
  if (!value) return "-";
  const bool known = half_width && *half_width > 0.0;
  return significant(*value, 3) + (known ? " ± " + significant(*half_width, 2) : "");
}

const PublishedRow* published_of(const SwissRollStudy& study, const std::string& row) {
  for (const auto& published : study.published)
    if (published.row == row) return &published;
  return nullptr;
}

Cells cells_of_judged(const std::string& row, const std::string& source, const JudgedRun& judged) {
  return {row,
          source,
          number(judged.beta, 4),
          with_half_width(judged.reward.mean, evaluation::half_width(judged.reward.standard_error)),
          with_half_width(judged.divergence.mean,
                          evaluation::half_width(judged.divergence.standard_error)),
          number(judged.floor),
          number(judged.nearest),
          judged.seconds > 0.0 ? number(judged.seconds) : "-"};
}

/// Of what knows no beta.
Cells without_beta(Cells cells) {
  cells[2] = "-";
  return cells;
}

Cells cells_of(const SwissRollLine& line) {
  const auto source = name_of(line.run.recipe);
  if (line.judged) {
    const auto cells = cells_of_judged(line.run.row, source, *line.judged);
    return line.run.config.algorithm.name == "ddpo" ? without_beta(cells) : cells;
  }
  return {line.run.row, source, "-", "-", "diverged", "-", "-", "-"};
}

/// The least divergence at the mean reward that the paper prints, of our rows.
std::optional<double> floor_of(const PublishedRow& row, const torch::Tensor& rewards) {
  if (!row.reward) return std::nullopt;
  const auto least = evaluation::least_divergence(rewards, *row.reward);
  return least ? std::optional(least->divergence) : std::nullopt;
}

Cells cells_of(const PublishedRow& row, const torch::Tensor& rewards) {
  return {row.row,
          sources[0],
          "-",
          with_half_width(row.reward, row.reward_half_width),
          with_half_width(row.divergence, row.divergence_half_width),
          number(floor_of(row, rewards)),
          "-",
          "-"};
}

torch::Tensor rewards_of(const SwissRollStudy& study, const SwissRollResults& found) {
  return rewards_of_rows(study.runs.front().config.reward, found.data);
}

double mean_reward_of_rows(const SwissRollStudy& study, const SwissRollResults& found) {
  return rewards_of(study, found).mean().item<double>();
}

std::string table_of(const SwissRollStudy& study, const SwissRollResults& found) {
  std::vector<Cells> cells = {
      {"", "numbers of", "beta", "mean reward", "KL", "least KL", "nearest/data", "training, s"}};
  cells.push_back(without_beta(cells_of_judged("fresh rows of the roll", "-", found.fresh)));
  for (const auto& row : rows_of(study)) {
    if (const auto* published = published_of(study, row))
      cells.push_back(cells_of(*published, rewards_of(study, found)));
    for (const auto& line : found.lines)
      if (line.run.row == row) cells.push_back(cells_of(line));
  }
  return text_table(cells);
}

std::string legend(const SwissRollStudy& study, const SwissRollResults& found) {
  const auto& fresh = found.fresh.divergence;
  return "\nThe mean reward of the 300 rows is " + number(mean_reward_of_rows(study, found)) +
         ". ± is half the 95 % interval over " + std::to_string(fresh.batches) +
         " batches of samples. KL: from the 300\nrows, k = 1. least KL: of all laws on the rows "
         "with that mean reward. nearest/data: distance of samples to the nearest\nrow over that "
         "between rows; near 0 the rows are repeated. Seconds are of the one training behind the "
         "line.\nThe estimate of KL is "
         "itself off, as the fresh rows show, whose true divergence is near 0: it can be below "
         "the least.\n";
}

json or_null(const std::optional<double>& value) {
  return value ? json(*value) : json();
}

json json_of(const JudgedRun& judged) {
  return {{"beta", judged.beta},
          {"reward", or_null(judged.reward.mean)},
          {"reward_half_width", or_null(evaluation::half_width(judged.reward.standard_error))},
          {"kl", or_null(judged.divergence.mean)},
          {"kl_half_width", or_null(evaluation::half_width(judged.divergence.standard_error))},
          {"batches", judged.divergence.batches},
          {"batch", judged.divergence.batch},
          {"least_kl", or_null(judged.floor)},
          {"nearest_ratio", or_null(judged.nearest)},
          {"training_seconds", judged.seconds}};
}

json json_of(const SwissRollLine& line) {
  auto object = line.judged ? json_of(*line.judged) : json::object();
  json trials = json::array();
  for (const auto& trial : line.trials)
    trials.push_back({{"beta", trial.beta}, {"reward", trial.reward}});
  object.update({{"row", line.run.row},
                 {"settings", name_of(line.run.recipe)},
                 {"episodes", line.run.config.run.episodes},
                 {"wanted_reward", or_null(line.run.wanted_reward)},
                 {"diverged", !line.judged},
                 {"trials", trials}});
  return object;
}

json json_of(const PublishedRow& row, const torch::Tensor& rewards) {
  return {{"row", row.row},
          {"reward", or_null(row.reward)},
          {"reward_half_width", row.reward_half_width},
          {"kl", row.divergence},
          {"kl_half_width", row.divergence_half_width},
          {"least_kl", or_null(floor_of(row, rewards))}};
}

json json_of(const SwissRollStudy& study, const SwissRollResults& found) {
  json rows = json::array(), published = json::array();
  for (const auto& line : found.lines) rows.push_back(json_of(line));
  for (const auto& row : study.published)
    published.push_back(json_of(row, rewards_of(study, found)));
  return {{"rows", rows},
          {"published", published},
          {"fresh", json_of(found.fresh)},
          {"reward_of_rows", mean_reward_of_rows(study, found)},
          {"choices", study.choices}};
}

/// Place of the row, value and half width, for one source.
torch::Tensor points_of(const SwissRollStudy& study, const SwissRollResults& found,
                        std::size_t source) {
  std::vector<double> numbers;
  const auto rows = rows_of(study);
  const auto add = [&](const std::string& row, double value, double half_width) {
    const auto place = std::find(rows.begin(), rows.end(), row) - rows.begin();
    numbers.insert(numbers.end(),
                   {static_cast<double>(place) + 0.2 * (static_cast<double>(source) - 1.0), value,
                    half_width});
  };
  if (source == 0)
    for (const auto& row : study.published) add(row.row, row.divergence, row.divergence_half_width);
  for (const auto& line : found.lines)
    if (name_of(line.run.recipe) == sources[source] && line.judged && line.judged->divergence.mean)
      add(line.run.row, *line.judged->divergence.mean,
          evaluation::half_width(line.judged->divergence.standard_error).value_or(0.0));
  return torch::tensor(numbers, torch::kFloat64).view({-1, 3});
}

std::string row_names(const SwissRollStudy& study) {
  std::string names;
  std::size_t place = 0;
  for (const auto& row : rows_of(study))
    names += (names.empty() ? "" : ", ") + quoted(row) + " " + std::to_string(place++);
  return "set xtics (" + names + ") rotate by -35\nset xrange [-0.6:" + std::to_string(place) +
         "]\n";
}

Plot plot_divergences(const SwissRollStudy& study, const SwissRollResults& found) {
  Plot plot;
  plot.width = 1300;
  plot.height = 560;
  std::string curves;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto points = points_of(study, found, i);
    if (points.size(0) == 0) continue;
    plot.commands += data_block(sources[i], points);
    curves += (curves.empty() ? "plot $" : ", $") + std::string(sources[i]) +
              " using 1:2:3 with yerrorbars pt 7 ps 1.1 lw 1.6 lc rgb '" + colour(i) + "' title " +
              quoted(i == 0 ? "paper" : std::string("ours, ") + sources[i]);
  }
  if (curves.empty()) curves = "plot NaN notitle";  // all diverged
  plot.commands += light_axes() + row_names(study) + "set title " + quoted(study.title) +
                   "\nset ylabel 'KL divergence'\nset key outside right center\n" + curves + "\n";
  return plot;
}

Plot plot_samples(const SwissRollStudy& study, const SwissRollResults& found) {
  constexpr std::int64_t most_points = 1500;
  std::vector<Panel> panels = {
      {"training rows",
       {.path = {}, .x = found.data, .shape = {2}, .label = {}, .config = {}},
       true}};
  for (const auto& line : found.lines) {
    if (!line.judged) continue;
    const auto& x = line.judged->samples;
    panels.push_back({line.run.row + ", " + name_of(line.run.recipe),
                      {.path = {},
                       .x = x.narrow(0, 0, std::min(most_points, x.size(0))),
                       .shape = {2},
                       .label = {},
                       .config = {}}});
  }
  return plot_scatter(panels, {.title = study.title});
}

}  // namespace

Results results_of(const SwissRollStudy& study, const SwissRollResults& found) {
  return {study.choices + "\n" + table_of(study, found) + legend(study, found),
          json_of(study, found),
          study.picture == StudyPicture::samples ? plot_samples(study, found)
                                                 : plot_divergences(study, found)};
}

}  // namespace tropism::app
