// SPDX-License-Identifier: MIT
#include <array>

#include <tropism/data/synthetic.hpp>

#include "directed_mixture.hpp"
#include "reproduce_training.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

constexpr std::int64_t num_rows = 300;  // M, as published
constexpr std::array<double, 3> betas = {0.0, 0.1, 1.0};

std::string choices_text(const ReproduceSetting& setting) {
  const auto plan = directed_plan(setting);
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  return "Figure 1 of Gao, Zha, Zhou (arXiv 2409.04832): 1/2 N(-3, 1) + 1/2 N(3, 1), " +
         text(num_rows) +
         " rows, h(y) = -(y - 6)^2, T = 5.\nThe paper shows densities and prints "
         "no numbers. The optimum is p_0 e^{beta h / 2}, known in closed form.\nOurs: " +
         text(plan.steps) + " steps, " + text(plan.episodes) + " episodes of " +
         text(directed_batch_rows) + " trajectories, expected update, preconditioned mean, " +
         text(plan.samples) +
         " samples by the\nmean policy, last step without noise. \"rows, weighted\": the training "
         "rows with weights e^{beta h / 2}, all that the\nrows tell of the optimum. KL: of the "
         "histogram (bins of 0.25) from the optimum; ± half the 95 % interval of the samples.\n";
}

Results results_of(const ReproduceSetting& setting, const std::vector<DirectedLaw>& laws) {
  std::vector<Cells> cells = {directed_titles()};
  std::vector<DirectedPanel> panels;
  auto rows = json::array();
  for (const auto& law : laws) {
    for (const auto& line : directed_cells(law)) cells.push_back(line);
    rows.push_back(directed_json(law));
    panels.push_back({"beta = " + significant(law.beta, 4), law});
  }
  return {choices_text(setting) + "\n" + text_table(cells),
          {{"rows", rows},
           {"choices", choices_text(setting)},
           {"samples", directed_plan(setting).samples}},
          plot_directed("1-D mixture with the reward -(y - 6)^2", panels)};
}

}  // namespace

std::optional<Results> reproduce_figure_1(const ReproduceSetting& setting,
                                          const comm::Communicator& comm) {
  const auto data = data::mixture_1d(num_rows, 1);
  write_training_data(setting, data, comm);
  std::vector<DirectedLaw> laws;
  for (const double beta : betas) {
    const auto samples = train_and_draw(setting, directed_config(setting, beta),
                                        directed_plan(setting).samples, {}, comm);
    if (!samples) return std::nullopt;
    if (comm.is_root()) laws.push_back(directed_law(exact_mixture(), beta, samples->x, data.x));
  }
  return comm.is_root() ? results_of(setting, laws) : Results();
}

}  // namespace tropism::app
