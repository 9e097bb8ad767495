// SPDX-License-Identifier: MIT
#include <cmath>

#include <tropism/comm/collectives.hpp>
#include <tropism/comm/row_split.hpp>
#include <tropism/data/synthetic.hpp>
#include <tropism/sampling/sampler.hpp>

#include "config.hpp"
#include "mixture_law.hpp"
#include "mixture_paths.hpp"
#include "reproduce.hpp"
#include "reproduce_training.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

constexpr std::int64_t num_rows = 300;  // M, as published

struct Run {
  const char* name;
  const char* signal;
  int samples;
  const char* prediction;
  Effort least = Effort::quick;  // full: not part of the quick version
};

constexpr std::array<Run, 6> runs = {
    {{"ratio-1", "ratio", 1, "E2: the score of N(a E x_0, v)"},
     {"ratio-10", "ratio", 10, "between the collapse and the data", Effort::full},
     {"ratio-30", "ratio", 30, "between the collapse and the data", Effort::full},
     {"ratio-300", "ratio", 0, "the data"},
     {"posterior-draw", "posterior-draw", 1, "exact score, E1"},
     {"product", "product", 1, "the data"}}};

struct Plan {
  int episodes, steps, batch;
  std::int64_t samples;
};

Plan plan_of(const ReproduceSetting& setting) {
  auto plan =
      setting.effort == Effort::quick ? Plan{100, 20, 100, 20000} : Plan{300, 50, 300, 100000};
  plan.episodes = setting.episodes.value_or(plan.episodes);
  return plan;
}

Config config_of(const ReproduceSetting& setting, const Run& run) {
  const auto plan = plan_of(setting);
  Config config;
  config.run.directory = run_directory(setting, run.name);
  config.run.episodes = plan.episodes;
  config.run.batch = plan.batch;
  config.data.path = data_directory(setting);
  config.process.terminal_time = 5.0;
  config.time_grid.steps = plan.steps;
  config.score.signal = run.signal;
  config.score.samples = run.samples;
  config.policy.mlp.width = 64;
  config.policy.mlp.depth = 2;
  // A critic learned from returns alone: what E1 adds to the cost is seen by it, if by anything.
  config.value.network = "mlp";
  config.value.form = "plain";
  config.value.warmup = config.value.ramp = plan.episodes / 4;
  config.algorithm.updates = 5;
  config.optimizer.learning_rate = 5e-3;
  config.optimizer.value_learning_rate = 1e-2;
  config.average.decay = 0.99;
  config.validate();
  return config;
}

/// Collective. The run's samples, on rank 0; nothing if a signal stopped it.
std::optional<torch::Tensor> samples_of(const ReproduceSetting& setting, const Run& run,
                                        const comm::Communicator& comm) {
  const auto drawn =
      train_and_draw(setting, config_of(setting, run), plan_of(setting).samples, {}, comm);
  if (!drawn) return std::nullopt;
  return drawn->x;
}

/// Collective. Samples of the exact score, by the same steps as the runs'; complete on rank 0.
WeightedSamples samples_of_exact_score(const ReproduceSetting& setting,
                                       const comm::Communicator& comm) {
  const auto config = config_of(setting, runs.front());
  const auto process = diffusion::make_process(config.process);
  const sampling::Sampler sampler = {.process = process,
                                     .grid = diffusion::make_time_grid(config.time_grid, *process),
                                     .simulator = diffusion::make_simulator(config.simulator)};
  const auto mine = comm::split_rows(plan_of(setting).samples, comm.size(), comm.rank());
  const auto drawn = sample_paths(sampler, exact_mixture(), mine);
  return {comm::gather_rows_on_root(comm, drawn.y),
          comm::gather_rows_on_root(comm, drawn.log_weights)};
}

/// What is known of one set of samples.
struct Line {
  std::string name, prediction;
  SampleLaw law;
  torch::Tensor samples, log_weights;
};

std::string choices_text(const ReproduceSetting& setting) {
  const auto plan = plan_of(setting);
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  return "1/2 N(-3, 1) + 1/2 N(3, 1), " + text(num_rows) + " rows, no reward; T = 5, " +
         text(plan.steps) + " steps, " + text(plan.episodes) + " episodes of " + text(plan.batch) +
         " trajectories, expected update,\npreconditioned mean, a critic learned from returns "
         "alone that enters the policy from episode " +
         text(plan.episodes / 4) + " on; " + text(plan.samples) +
         " samples\nby the mean policy, last step without noise. m rows are drawn afresh at each "
         "step, the same for all trajectories of the batch.\n\"exact score\" follows the mixture's "
         "score by the same steps; \"exact score, E1\" weighs its paths by exp(-(1/2) int g^2 V "
         "dt),\nV = (a/v)^2 Cov(x_0 | y): what a critic that hears single draws makes of it. KL: "
         "of the histogram (bins of 0.25)\nfrom the exact mixture; ± standard errors of the "
         "samples, not of the training.\n";
}

std::string table_of(const std::vector<Line>& lines) {
  std::vector<Cells> cells = {{"signal", "mean", "sd", "share |y| < 1.5", "KL", "predicted"}};
  for (const auto& line : lines)
    cells.push_back(
        {line.name, significant(line.law.mean, 4) + " ± " + significant(line.law.mean_error, 2),
         significant(line.law.std, 4) + " ± " + significant(line.law.std_error, 2),
         significant(line.law.middle, 4), significant(line.law.divergence, 4), line.prediction});
  return text_table(cells);
}

json to_json(const Line& line) {
  return {{"signal", line.name},
          {"prediction", line.prediction},
          {"mean", line.law.mean},
          {"mean_standard_error", line.law.mean_error},
          {"sd", line.law.std},
          {"sd_standard_error", line.law.std_error},
          {"share_between_modes", line.law.middle},
          {"kl", line.law.divergence}};
}

/// One panel for each signal, with the exact density as a curve.
Plot plot_of(const std::vector<Line>& lines) {
  Plot plot;
  plot.width = 1500;
  plot.height = 700;
  plot.commands = begin_panels("What is learned from m rows per estimate: 1-D mixture, no reward") +
                  light_axes() +
                  "set xrange [-8:8]\nset yrange [0:0.45]\nset style fill solid 0.7 "
                  "noborder\nset boxwidth 0.92 relative\n" +
                  data_block("exact", mixture_curve());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto row = static_cast<double>(i / 4), column = static_cast<double>(i % 4);
    const auto name = "density" + std::to_string(i);
    plot.commands += data_block(name, density_table(lines[i].samples, lines[i].log_weights)) +
                     place({60.0 + 362.0 * column, 84.0 + 310.0 * row, 310.0, 230.0}, plot) +
                     "set title " + quoted(lines[i].name) +
                     " font 'Sans,12' offset 0,-0.5\nplot $" + name + " with boxes lc rgb '" +
                     colour(i) + "', $exact with lines lw 1.6 lc rgb '#374151'\n";
  }
  plot.commands += end_panels();
  return plot;
}

/// Collective. Writes the data that all runs share. @return their mean and variance
CollapseLaw write_data(const ReproduceSetting& setting, const comm::Communicator& comm) {
  const auto data = data::mixture_1d(num_rows, 1);
  write_training_data(setting, data, comm);
  const auto config = config_of(setting, runs.front());
  const auto process = diffusion::make_process(config.process);
  return collapse_law(*process, diffusion::make_time_grid(config.time_grid, *process),
                      data.x.to(torch::kFloat64).mean().item<double>());
}

Results results_of(const ReproduceSetting& setting, const std::vector<Line>& lines,
                   const CollapseLaw& collapse) {
  const auto predicted = "At m = 1 E2 predicts, with these time steps: mean " +
                         significant(collapse.mean, 4) + ", sd " + significant(collapse.std, 3) +
                         "; the exact mixture has mean 0, sd 3.162.\n";
  auto rows = json::array();
  for (const auto& line : lines) rows.push_back(to_json(line));
  const auto plan = plan_of(setting);
  return {choices_text(setting) + "\n" + table_of(lines) + "\n" + predicted,
          {{"rows", rows},
           {"choices", choices_text(setting)},
           {"predicted_at_m_1", {{"mean", collapse.mean}, {"sd", collapse.std}}},
           {"exact", {{"mean", 0.0}, {"sd", std::sqrt(10.0)}}},
           {"episodes", plan.episodes},
           {"steps", plan.steps},
           {"samples", plan.samples}},
          plot_of(lines)};
}

}  // namespace

std::optional<Results> reproduce_small_m(const ReproduceSetting& setting,
                                         const comm::Communicator& comm) {
  const auto collapse = write_data(setting, comm);
  std::vector<Line> lines;
  const auto add = [&](const std::string& name, const std::string& prediction,
                       const WeightedSamples& of) {
    if (!comm.is_root()) return;
    lines.push_back({name, prediction, law_of(of.y, of.log_weights), of.y, of.log_weights});
  };
  const auto exact = samples_of_exact_score(setting, comm);
  add("exact score", "the mixture, up to the time step", {exact.y, {}});
  add("exact score, E1", "what posterior-draw aims at", exact);
  for (const auto& run : runs) {
    if (run.least == Effort::full && setting.effort == Effort::quick) continue;
    const auto samples = samples_of(setting, run, comm);
    if (!samples) return std::nullopt;
    add(run.name, run.prediction, {*samples, {}});
  }
  return comm.is_root() ? results_of(setting, lines, collapse) : Results();
}

}  // namespace tropism::app
