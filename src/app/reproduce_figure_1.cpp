// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>

#include <tropism/data/synthetic.hpp>
#include <tropism/evaluation/moments.hpp>

#include "drawing.hpp"
#include "mixture_law.hpp"
#include "reproduce.hpp"
#include "reproduce_training.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

constexpr std::int64_t num_rows = 300;  // M, as published
constexpr std::int64_t batch_rows = 300;
constexpr double target = 6.0;  // of h(y) = -(y - 6)^2
constexpr std::array<double, 3> betas = {0.0, 0.1, 1.0};

struct Plan {
  int episodes, steps;
  std::int64_t samples;
};

Plan plan_of(const ReproduceSetting& setting) {
  const bool quick = setting.effort == Effort::quick;
  return {setting.episodes.value_or(quick ? 100 : 500), quick ? 50 : 100,
          batch_rows * setting.batches.value_or(quick ? 10 : 100)};
}

std::string name_of(double beta) {
  return "beta-" + significant(beta, 4);
}

Config config_of(const ReproduceSetting& setting, double beta) {
  const auto plan = plan_of(setting);
  Config config;
  config.run.directory = run_directory(setting, name_of(beta));
  config.run.episodes = plan.episodes;
  config.run.batch = batch_rows;
  config.data.path = data_directory(setting);
  config.process.terminal_time = 5.0;
  config.time_grid.steps = plan.steps;
  config.policy.mlp.width = 64;
  config.policy.mlp.depth = 2;
  config.reward.kind = "quadratic";
  config.reward.target = {target};
  config.reward.beta = beta;
  config.optimizer.learning_rate = 5e-3;
  config.average.decay = 0.99;
  config.validate();
  return config;
}

/// The optimum, p_0 e^{beta h / 2} (D3).
score::GaussianMixture optimum_of(double beta) {
  return exact_mixture().tilted_quadratic(beta, torch::tensor({target}, torch::kFloat64));
}

torch::Tensor reward_of(const torch::Tensor& y) {
  return -(y.to(torch::kFloat64).flatten() - target).square();
}

/// Mean, standard deviation and mean reward of a mixture in one dimension.
struct ExactLaw {
  double mean, std, reward;
};

ExactLaw exact_law_of(const score::GaussianMixture& mixture) {
  const auto m = mixture.means.flatten();
  const auto mean_of = [&](const torch::Tensor& f) {
    return (mixture.weights * f).sum().item<double>();
  };
  const double mean = mean_of(m), second = mean_of(m.square() + mixture.variances);
  // E h = -E (y - 6)^2
  return {mean, std::sqrt(second - mean * mean),
          -mean_of((m - target).square() + mixture.variances)};
}

/// What is known of one beta. Laws of points are beside the exact optimum.
struct Line {
  double beta = 0.0;
  score::GaussianMixture optimum;
  ExactLaw exact;
  SampleLaw rows;            // of the data with weights e^{beta h / 2}
  double rows_reward = 0.0;  // their mean reward
  SampleLaw law;
  evaluation::Moments reward;
  torch::Tensor samples;
};

Line line_of(double beta, const torch::Tensor& samples, const torch::Tensor& data) {
  const auto optimum = optimum_of(beta);
  const auto log_weights = 0.5 * beta * reward_of(data);
  return {.beta = beta,
          .optimum = optimum,
          .exact = exact_law_of(optimum),
          .rows = law_of(data, log_weights, optimum),
          .rows_reward = (log_weights.softmax(0) * reward_of(data)).sum().item<double>(),
          .law = law_of(samples, {}, optimum),
          .reward = evaluation::moments_of(reward_of(samples)),
          .samples = samples};
}

std::string choices_text(const ReproduceSetting& setting) {
  const auto plan = plan_of(setting);
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  return "Figure 1 of Gao, Zha, Zhou (arXiv 2409.04832): 1/2 N(-3, 1) + 1/2 N(3, 1), " +
         text(num_rows) +
         " rows, h(y) = -(y - 6)^2, T = 5.\nThe paper shows densities and prints "
         "no numbers. The optimum is p_0 e^{beta h / 2}, known in closed form.\nOurs: " +
         text(plan.steps) + " steps, " + text(plan.episodes) + " episodes of " + text(batch_rows) +
         " trajectories, expected update, preconditioned mean, " + text(plan.samples) +
         " samples by the\nmean policy, last step without noise. \"rows, weighted\": the training "
         "rows with weights e^{beta h / 2}, all that the\nrows tell of the optimum. KL: of the "
         "histogram (bins of 0.25) from the optimum; ± half the 95 % interval of the samples.\n";
}

std::string with_half_width(double value, double standard_error) {
  return significant(value, 4) + " ± " + significant(*evaluation::half_width(standard_error), 2);
}

void add_lines(const Line& line, std::vector<Cells>& cells) {
  const auto beta = significant(line.beta, 4);
  const auto number = [](double value) { return significant(value, 4); };
  cells.push_back({beta, "optimum", number(line.exact.mean), number(line.exact.std),
                   number(line.exact.reward), "0"});
  cells.push_back({beta, "rows, weighted", number(line.rows.mean), number(line.rows.std),
                   number(line.rows_reward), number(line.rows.divergence)});
  cells.push_back({beta, "ours", with_half_width(line.law.mean, line.law.mean_error),
                   with_half_width(line.law.std, line.law.std_error),
                   with_half_width(*line.reward.mean, *line.reward.standard_error),
                   number(line.law.divergence)});
}

std::string table_of(const std::vector<Line>& lines) {
  std::vector<Cells> cells = {{"beta", "law", "mean", "sd", "mean reward", "KL"}};
  for (const auto& line : lines) add_lines(line, cells);
  return text_table(cells);
}

json to_json(const Line& line) {
  const auto half = [](double error) { return *evaluation::half_width(error); };
  return {{"beta", line.beta},
          {"optimum",
           {{"mean", line.exact.mean}, {"sd", line.exact.std}, {"reward", line.exact.reward}}},
          {"rows_weighted",
           {{"mean", line.rows.mean},
            {"sd", line.rows.std},
            {"reward", line.rows_reward},
            {"kl", line.rows.divergence}}},
          {"ours",
           {{"mean", line.law.mean},
            {"mean_half_width", half(line.law.mean_error)},
            {"sd", line.law.std},
            {"sd_half_width", half(line.law.std_error)},
            {"reward", *line.reward.mean},
            {"reward_half_width", half(*line.reward.standard_error)},
            {"kl", line.law.divergence}}}};
}

/// One panel for each beta: samples as boxes, the optimum as a curve, the training rows' outline.
Plot plot_of(const std::vector<Line>& lines, const torch::Tensor& data) {
  Plot plot;
  plot.width = 1500;
  plot.height = 480;
  plot.commands =
      begin_panels("1-D mixture with the reward -(y - 6)^2") + light_axes() +
      "set xrange [-8:8]\nset yrange [0:0.65]\nset key top left\nset style fill solid 0.6 "
      "noborder\nset boxwidth 0.92 relative\n" +
      data_block("rows", density_table(data, {}));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto name = std::to_string(i);
    plot.commands += data_block("samples" + name, density_table(lines[i].samples, {})) +
                     data_block("optimum" + name, mixture_curve(lines[i].optimum)) +
                     place({60.0 + 482.0 * static_cast<double>(i), 84.0, 430.0, 330.0}, plot) +
                     "set title " + quoted("beta = " + significant(lines[i].beta, 4)) +
                     " font 'Sans,12' offset 0,-0.5\nplot $samples" + name +
                     " with boxes lc rgb '" + colour(i) +
                     "' title 'samples', $rows with histeps lw 0.8 lc rgb '#9ca3af' title "
                     "'training rows', $optimum" +
                     name + " with lines lw 1.8 lc rgb '#374151' title 'exact optimum'\n";
  }
  plot.commands += end_panels();
  return plot;
}

}  // namespace

std::optional<Results> reproduce_figure_1(const ReproduceSetting& setting,
                                          const comm::Communicator& comm) {
  const auto data = data::mixture_1d(num_rows, 1);
  write_training_data(setting, data, comm);
  std::vector<Line> lines;
  for (const double beta : betas) {
    const auto config = config_of(setting, beta);
    if (!train_for(setting, config, comm)) return std::nullopt;
    DrawOptions options;
    options.checkpoint = last_checkpoint(config);
    options.samples = plan_of(setting).samples;
    const auto samples = draw_from_checkpoint(options, comm, ProgressMode::none).x;
    if (comm.is_root()) lines.push_back(line_of(beta, samples, data.x));
  }
  if (!comm.is_root()) return Results();
  auto rows = json::array();
  for (const auto& line : lines) rows.push_back(to_json(line));
  return Results{
      choices_text(setting) + "\n" + table_of(lines),
      {{"rows", rows}, {"choices", choices_text(setting)}, {"samples", plan_of(setting).samples}},
      plot_of(lines, data.x)};
}

}  // namespace tropism::app
