// SPDX-License-Identifier: MIT
#include "directed_mixture.hpp"

#include <algorithm>
#include <cmath>

#include "reproduce_training.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

constexpr double target = 6.0;  // of h(y) = -(y - 6)^2

torch::Tensor target_point() {
  return torch::tensor({target}, torch::kFloat64);
}

torch::Tensor reward_of(const torch::Tensor& y) {
  return -(y.to(torch::kFloat64).flatten() - target).square();
}

/// E f of the components' weights.
double mean_of(const score::GaussianMixture& mixture, const torch::Tensor& f) {
  return (mixture.weights * f).sum().item<double>();
}

std::string with_half_width(double value, double standard_error) {
  return significant(value, 4) + " ± " + significant(*evaluation::half_width(standard_error), 2);
}

std::string number(double value) {
  return significant(value, 4);
}

std::string panel_commands(const DirectedPanel& panel, std::size_t i, const Plot& plot) {
  const auto name = std::to_string(i);
  const auto column = static_cast<double>(i % 3), line = static_cast<double>(i / 3);
  return data_block("rows" + name, density_table(panel.law.data, {})) +
         data_block("samples" + name, density_table(panel.law.samples, {})) +
         data_block("optimum" + name, mixture_curve(panel.law.optimum)) +
         place({60.0 + 482.0 * column, 84.0 + 396.0 * line, 430.0, 330.0}, plot) + "set title " +
         quoted(panel.title) + " font 'Sans,12' offset 0,-0.5\nplot $samples" + name +
         " with boxes lc rgb '" + colour(i % 3) + "' title 'samples', $rows" + name +
         " with histeps lw 0.8 lc rgb '#9ca3af' title 'training rows', $optimum" + name +
         " with lines lw 1.8 lc rgb '#374151' title 'exact optimum'\n";
}

}  // namespace

DirectedPlan directed_plan(const ReproduceSetting& setting) {
  const bool quick = setting.effort == Effort::quick;
  return {setting.episodes.value_or(quick ? 100 : 500), quick ? 50 : 100,
          directed_batch_rows * setting.batches.value_or(quick ? 10 : 100)};
}

Config directed_config(const ReproduceSetting& setting, double beta) {
  const auto plan = directed_plan(setting);
  Config config;
  config.run.directory = run_directory(setting, "beta-" + significant(beta, 4));
  config.run.episodes = plan.episodes;
  config.run.batch = directed_batch_rows;
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

torch::Tensor directed_log_weights(double beta, const torch::Tensor& y) {
  return 0.5 * beta * reward_of(y);
}

score::GaussianMixture directed_optimum(const score::GaussianMixture& mixture, double beta) {
  return mixture.tilted_quadratic(beta, target_point());
}

double directed_reward(const score::GaussianMixture& optimum) {
  // E h = -E (y - 6)^2
  return -mean_of(optimum, (optimum.means.flatten() - target).square() + optimum.variances);
}

double directed_cost(const score::GaussianMixture& mixture, double beta) {
  const double reward = directed_reward(directed_optimum(mixture, beta));
  return std::max(0.0, 0.5 * beta * reward -  // negative by rounding alone
                           directed_log_normaliser(mixture, beta));
}

double directed_log_normaliser(const score::GaussianMixture& mixture, double beta) {
  return mixture.log_normaliser_quadratic(beta, target_point());
}

DirectedLaw directed_law(const score::GaussianMixture& mixture, double beta,
                         const torch::Tensor& samples, const torch::Tensor& data,
                         const torch::Tensor& log_kernel) {
  const auto optimum = directed_optimum(mixture, beta);
  const auto m = optimum.means.flatten();
  const double mean = mean_of(optimum, m),
               second = mean_of(optimum, m.square() + optimum.variances);
  auto log_weights = directed_log_weights(beta, data);
  if (log_kernel.defined()) log_weights = log_weights + log_kernel;
  return {.beta = beta,
          .optimum = optimum,
          .mean = mean,
          .std = std::sqrt(second - mean * mean),
          .mean_reward = directed_reward(optimum),
          .rows = law_of(data, log_weights, optimum),
          .rows_reward = (log_weights.softmax(0) * reward_of(data)).sum().item<double>(),
          .law = law_of(samples, {}, optimum),
          .reward = evaluation::moments_of(reward_of(samples)),
          .samples = samples,
          .data = data};
}

Cells directed_titles() {
  return {"beta", "law", "mean", "sd", "mean reward", "KL"};
}

std::vector<Cells> directed_cells(const DirectedLaw& law) {
  const auto beta = number(law.beta);
  return {
      {beta, "optimum", number(law.mean), number(law.std), number(law.mean_reward), "0"},
      {beta, "rows, weighted", number(law.rows.mean), number(law.rows.std), number(law.rows_reward),
       number(law.rows.divergence)},
      {beta, "ours", with_half_width(law.law.mean, law.law.mean_error),
       with_half_width(law.law.std, law.law.std_error),
       with_half_width(*law.reward.mean, *law.reward.standard_error), number(law.law.divergence)}};
}

json directed_json(const DirectedLaw& law) {
  const auto half = [](double error) { return *evaluation::half_width(error); };
  return {{"beta", law.beta},
          {"optimum", {{"mean", law.mean}, {"sd", law.std}, {"reward", law.mean_reward}}},
          {"rows_weighted",
           {{"mean", law.rows.mean},
            {"sd", law.rows.std},
            {"reward", law.rows_reward},
            {"kl", law.rows.divergence}}},
          {"ours",
           {{"mean", law.law.mean},
            {"mean_half_width", half(law.law.mean_error)},
            {"sd", law.law.std},
            {"sd_half_width", half(law.law.std_error)},
            {"reward", *law.reward.mean},
            {"reward_half_width", half(*law.reward.standard_error)},
            {"kl", law.law.divergence}}}};
}

Plot plot_directed(const std::string& title, const std::vector<DirectedPanel>& panels) {
  Plot plot;
  plot.width = 1500;
  plot.height = 84 + 396 * static_cast<int>((panels.size() + 2) / 3);
  plot.commands =
      begin_panels(title) + light_axes() +
      "set xrange [-8:8]\nset yrange [0:0.65<*]\nset key top left\nset style fill solid 0.6 "
      "noborder\nset boxwidth 0.92 relative\n";
  for (std::size_t i = 0; i < panels.size(); ++i)
    plot.commands += panel_commands(panels[i], i, plot);
  plot.commands += end_panels();
  return plot;
}

}  // namespace tropism::app
