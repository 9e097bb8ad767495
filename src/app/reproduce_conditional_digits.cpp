// SPDX-License-Identifier: MIT
#include <array>
#include <filesystem>

#include <tropism/base/error.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/evaluation/report.hpp>

#include "evaluate_table.hpp"
#include "import_rows.hpp"
#include "plot_pictures.hpp"
#include "reproduce.hpp"
#include "reproduce_training.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

constexpr std::array<double, 3> betas = {0.0, 10.0, 40.0};

struct Plan {
  int episodes;
  std::int64_t samples;  // of each label
};

Plan plan_of(const ReproduceSetting& setting) {
  const bool quick = setting.effort == Effort::quick;
  return {setting.episodes.value_or(quick ? 50 : 150), quick ? 100 : 1000};
}

/// As jobs/configs/digits.toml, and with a reward as digits-bright.toml.
Config config_of(const ReproduceSetting& setting, double beta) {
  Config config;
  config.run.directory = run_directory(setting, "beta-" + significant(beta, 4));
  config.run.episodes = plan_of(setting).episodes;
  config.run.batch = 100;
  config.data.path = data_directory(setting);
  config.process.terminal_time = 3.0;
  config.time_grid.steps = 20;
  config.simulator = {.kind = "ddim", .eta = 1.0};
  config.context.kind = "label";
  config.policy.mlp.width = 128;
  config.policy.mlp.depth = 2;
  config.algorithm.updates = 10;
  config.optimizer.learning_rate = 4e-3;
  if (beta > 0.0) config.reward = {.kind = "mean-intensity", .beta = beta, .units = "scaled"};
  config.validate();
  return config;
}

/// The digits of a CSV file, to [-1, 1], or the rows of a data directory as they are.
/// @throws ConfigError   if there is nothing, or no labels
data::Dataset read_digits(const std::string& path) {
  if (!std::filesystem::exists(path))
    throw base::ConfigError(path +
                            ": there are no digits here. Name their CSV file, jobs/data/digits.csv "
                            "of the sources, or a directory that `tropism import` made of it, with "
                            "--data.");
  ImportColumns columns;
  columns.label = "label";
  auto digits = std::filesystem::is_directory(path)
                    ? read_whole_data({.path = path})
                    : dataset_of(read_rows({path}, columns), "unit", {8, 8});
  if (!digits.label || digits.shape.size() < 2)
    throw base::ConfigError(path +
                            ": conditional-digits needs images with labels. Import them with "
                            "--label-column label --shape 8,8 --scale unit.");
  return digits;
}

/// Runs that are there already were trained on the rows that are there.
/// @throws ConfigError   if these are others
void refuse_other_rows(const ReproduceSetting& setting, const data::Dataset& digits) {
  const auto directory = data_directory(setting);
  if (!std::filesystem::exists(directory)) return;
  const auto there = read_whole_data({.path = directory});
  if (there.label && there.x.equal(digits.x) && there.label->equal(*digits.label)) return;
  throw base::ConfigError(directory + " holds other rows than " + setting.data +
                          ", and the runs beside it were trained on them. Name another directory "
                          "with --out.");
}

data::Dataset prepare_digits(const ReproduceSetting& setting, const comm::Communicator& comm) {
  auto digits = comm::together(comm, [&] {
    auto found = read_digits(setting.data);
    refuse_other_rows(setting, found);
    return found;
  });
  comm.barrier();  // before the root replaces what others may still be reading
  write_training_data(setting, digits, comm);
  return digits;
}

/// What is known of one beta.
struct Line {
  double beta = 0.0;
  evaluation::Report report;
  PointSet samples;
};

Line line_of(double beta, const sampling::SampleSet& samples, const data::Dataset& digits) {
  evaluation::ReportConfig config;
  config.reward = {.kind = "mean-intensity", .beta = beta, .units = "scaled"};
  config.metrics = {"reward", "kl", "labels", "memorisation"};
  const auto x = samples.x.flatten(1);
  return {beta, evaluation::make_report({x, samples.label}, digits, config),
          PointSet{"", x, digits.shape, samples.label, "", false}};
}

/// E h of p_0(.|c) e^{beta h / 2}, c as the samples have it (D3 for each label).
double exact_reward(const evaluation::Report& report) {
  if (report.all.tilt) return report.all.tilt->mean_reward;
  double sum = 0.0;
  for (const auto& group : report.conditions)
    sum += static_cast<double>(group.samples.count) * *group.data.reward->moments.mean;
  return sum / static_cast<double>(report.all.samples.count);
}

double exact_divergence(const evaluation::Report& report) {
  return report.all.tilt ? report.all.tilt->divergence : 0.0;
}

std::string choices_text(const ReproduceSetting& setting) {
  const auto plan = plan_of(setting);
  return "Algorithm 2 of Gao, Zha, Zhou (arXiv 2409.04832): one model for all labels c; h is the "
         "mean of the pixels in [-1, 1].\nThe paper reports no conditional experiment. The optimum "
         "is p_0(.|c) e^{beta h / 2}; \"exact\": of the rows of each label.\nOurs, as "
         "jobs/configs/digits.toml and digits-bright.toml: 20 steps, " +
         std::to_string(plan.episodes) + " episodes of 100 trajectories, expected update,\n" +
         std::to_string(plan.samples) +
         " samples for each label, last step without noise. Agreement: the nearest row has the "
         "label that was asked for.\nNearest: the distance to the nearest row over that of a row "
         "to its nearest other row. KL: by nearest neighbours, of all\nsamples from all rows; it "
         "is "
         "to be compared with that at beta = 0, not with the exact one, which is of the weights "
         "and\naveraged over labels. ± is one standard error.\n";
}

std::string with_error(const std::optional<double>& value, const std::optional<double>& error) {
  return value && error ? significant(*value, 4) + " ± " + significant(*error, 2) : "-";
}

std::string number(const std::optional<double>& value) {
  return value ? significant(*value, 4) : "-";
}

Cells cells_of(const Line& line) {
  const auto& all = line.report.all;
  const auto& reward = all.samples.reward->moments;
  return {significant(line.beta, 4),
          with_error(all.agreement->fraction, all.agreement->standard_error),
          with_error(reward.mean, reward.standard_error),
          number(exact_reward(line.report)),
          number(all.nearest.ratio),
          with_error(all.divergence.whole.value, all.divergence.whole.standard_error),
          number(exact_divergence(line.report))};
}

std::string table_of(const std::vector<Line>& lines) {
  std::vector<Cells> cells = {
      {"beta", "label agreement", "mean intensity", "exact", "nearest", "KL", "exact KL"}};
  for (const auto& line : lines) cells.push_back(cells_of(line));
  return text_table(cells) + "\nEach digit at beta = " + significant(lines.back().beta, 4) + ": " +
         report_table(lines.back().report);
}

json to_json(const Line& line) {
  return {{"beta", line.beta},
          {"exact_reward", exact_reward(line.report)},
          {"exact_kl", exact_divergence(line.report)},
          {"report", evaluation::report_json(line.report)}};
}

Plot plot_of(const std::vector<Line>& lines) {
  std::vector<Panel> panels;
  for (const auto& line : lines)
    panels.push_back({"beta = " + significant(line.beta, 4), line.samples});
  return plot_images(panels, {.title = "Digits by label, directed towards bright images"});
}

}  // namespace

std::optional<Results> reproduce_conditional_digits(const ReproduceSetting& setting,
                                                    const comm::Communicator& comm) {
  const auto digits = prepare_digits(setting, comm);
  std::vector<Line> lines;
  for (const double beta : betas) {
    const auto samples = train_and_draw(setting, config_of(setting, beta), plan_of(setting).samples,
                                        {"label=all"}, comm);
    if (!samples) return std::nullopt;
    if (comm.is_root()) lines.push_back(line_of(beta, *samples, digits));
  }
  if (!comm.is_root()) return Results();
  auto rows = json::array();
  for (const auto& line : lines) rows.push_back(to_json(line));
  return Results{choices_text(setting) + "\n" + table_of(lines),
                 {{"rows", rows},
                  {"choices", choices_text(setting)},
                  {"samples_of_each_label", plan_of(setting).samples}},
                 plot_of(lines)};
}

}  // namespace tropism::app
