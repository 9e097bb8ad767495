// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>
#include <filesystem>

#include "context_study.hpp"
#include "reproduce_training.hpp"

namespace tropism::app {
namespace {

constexpr std::int64_t num_rows = 4000;
constexpr std::int64_t grid_size = 24;  // contexts to judge at; three in each eighth of [-1, 1]
constexpr std::int64_t batch_rows = 100;
constexpr double bandwidth = 0.1;  // of the kernel, in standard deviations of the contexts
constexpr std::array<double, 3> betas = {0.0, 0.1, 0.5};

/// Rows at all contexts, and at those of every second eighth of [-1, 1] alone.
const std::array<ContextStudy, 2> kinds = {
    {{.name = "all contexts"},
     {.name = "every second interval left out", .support = {.parts = 4, .share = 0.5}}}};

struct Plan {
  int episodes, steps;
  std::int64_t samples;  // at each context
};

Plan plan_of(const ReproduceSetting& setting) {
  const bool quick = setting.effort == Effort::quick;
  return {setting.episodes.value_or(quick ? 100 : 500), quick ? 25 : 50,
          batch_rows * setting.batches.value_or(quick ? 10 : 100)};
}

std::vector<double> context_grid() {
  std::vector<double> grid;
  for (std::int64_t i = 0; i < grid_size; ++i)
    grid.push_back((2.0 * static_cast<double>(i) + 1.0) / static_cast<double>(grid_size) - 1.0);
  return grid;
}

std::vector<std::string> conditions() {
  std::vector<std::string> texts;
  for (const double c : context_grid()) texts.push_back("context=" + significant(c, 9));
  return texts;
}

/// Data and runs of one kind have a directory of their own.
ReproduceSetting setting_of(const ReproduceSetting& setting, const ContextStudy& kind) {
  auto own = setting;
  own.directory =
      (std::filesystem::path(setting.directory) / (kind.support.parts == 1 ? "all" : "left-out"))
          .string();
  return own;
}

Config config_of(const ReproduceSetting& setting, double beta) {
  auto config = directed_config(setting, beta);
  config.run.episodes = plan_of(setting).episodes;
  config.run.batch = batch_rows;
  config.time_grid.kind = "karras";
  config.time_grid.steps = plan_of(setting).steps;
  config.context.kind = "vector";
  config.score.bandwidth = bandwidth;
  config.validate();
  return config;
}

ContextLaw law_of_context(double context, const ContextStudy& study, const torch::Tensor& samples,
                          const data::Dataset& data) {
  const double width = bandwidth * data.context->to(torch::kFloat64).std(false).item<double>();
  const auto kernel = log_kernel(context, *data.context, width);
  const auto directed = [&](const score::GaussianMixture& mixture) {
    return directed_law(mixture, study.beta, samples, data.x, kernel);
  };
  const auto exact = directed(law_at(context)),
             smoothed = directed(smoothed_law_at(context, study.support, width));
  return {context, exact, smoothed, binned_divergence(smoothed.optimum, exact.optimum)};
}

ContextStudy judged(const ContextStudy& kind, double beta, const sampling::SampleSet& samples,
                    const data::Dataset& data) {
  auto study = kind;
  study.beta = beta;
  const auto parts = samples.x.chunk(grid_size);
  const auto grid = context_grid();
  for (std::size_t i = 0; i < grid.size(); ++i)
    study.laws.push_back(law_of_context(grid[i], study, parts[i], data));
  return study;
}

/// @return   whether it is done; else a signal stopped it
bool add_studies(const ContextStudy& kind, const ReproduceSetting& setting,
                 const comm::Communicator& comm, std::vector<ContextStudy>& studies) {
  const auto own = setting_of(setting, kind);
  const auto data = context_data(kind.support, num_rows, 1);
  write_training_data(own, data, comm);
  for (const double beta : betas) {
    const auto samples =
        train_and_draw(own, config_of(own, beta), plan_of(own).samples, conditions(), comm);
    if (!samples) return false;
    if (comm.is_root()) studies.push_back(judged(kind, beta, *samples, data));
  }
  return true;
}

std::string choices_text(const ReproduceSetting& setting) {
  const auto plan = plan_of(setting);
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  return "Algorithm 2 of Gao, Zha, Zhou (arXiv 2409.04832) under a continuous context c: one model "
         "for all c of\np_0(.|c) = 2/3 N(3c, (0.6 + 0.2c)^2) + 1/3 N(-2c, 0.5^2), h(y) = -(y - "
         "6)^2, T = 5. The paper reports no conditional\nexperiment. The optimum is p_0(.|c) "
         "e^{beta "
         "h / 2}, known in closed form. " +
         text(num_rows) +
         " rows, c uniform in [-1, 1]; or only where\n-1 + k/2 <= c <= -3/4 + k/2, k = 0 to 3, "
         "every "
         "second interval left out. The kernel is Gaussian, " +
         significant(bandwidth, 2) +
         " standard\ndeviations of the contexts wide. \"smoothed\": the optimum of what this "
         "kernel "
         "makes of infinitely many rows, by quadrature.\n\"rows, weighted\": the training rows "
         "with "
         "its weights times e^{beta h / 2}.\nOurs: " +
         text(plan.steps) + " Karras steps, " + text(plan.episodes) + " episodes of " +
         text(batch_rows) + " trajectories, expected update, preconditioned mean, " +
         text(plan.samples) + " samples at\neach of " + text(grid_size) +
         " contexts, last step without noise. KL: of the histogram (bins of 0.25) from the exact "
         "optimum. ± half the\n95 % interval of the samples.\n";
}

}  // namespace

std::optional<Results> reproduce_conditional_context(const ReproduceSetting& setting,
                                                     const comm::Communicator& comm) {
  std::vector<ContextStudy> studies;
  for (const auto& kind : kinds)
    if (!add_studies(kind, setting, comm, studies)) return std::nullopt;
  if (!comm.is_root()) return Results();
  return Results{choices_text(setting) + "\n" + context_tables(studies),
                 {{"rows", context_json(studies)},
                  {"choices", choices_text(setting)},
                  {"samples_at_each_context", plan_of(setting).samples}},
                 plot_contexts(studies)};
}

}  // namespace tropism::app
