// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include <tropism/data/synthetic.hpp>

#include "directed_mixture.hpp"
#include "reproduce_training.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

constexpr std::int64_t num_rows = 3000;  // of all labels together
constexpr std::int64_t num_labels = 3;
constexpr std::array<double, 3> betas = {0.0, 0.1, 0.5};

/// All components; each label has its own, and the labels are alike frequent.
const std::vector<std::int64_t> label_of_component = {0, 1, 1, 2, 2, 2};

data::MixtureConfig all_components() {
  return {.weights = {4, 2, 2, 1, 2, 1},
          .means = {{2}, {-3}, {3}, {-4}, {0}, {4}},
          .stds = {1, 1, 1, 0.5, 1, 0.5}};
}

/// The law p_0(.|label).
score::GaussianMixture law_of_label(std::int64_t label) {
  const auto all = all_components();
  std::vector<double> weights, means, variances;
  for (std::size_t k = 0; k < label_of_component.size(); ++k) {
    if (label_of_component[k] != label) continue;
    weights.push_back(all.weights[k]);
    means.push_back(all.means[k][0]);
    variances.push_back(all.stds[k] * all.stds[k]);
  }
  const auto w = torch::tensor(weights, torch::kFloat64);
  return {w / w.sum(), torch::tensor(means, torch::kFloat64).unsqueeze(1),
          torch::tensor(variances, torch::kFloat64)};
}

data::Dataset labelled_mixture() {
  auto data = data::mixture(num_rows, all_components(), 1);
  data.label = torch::tensor(label_of_component, torch::kInt64).index_select(0, *data.label);
  return data;
}

torch::Tensor rows_with_label(const torch::Tensor& x, const torch::Tensor& label,
                              std::int64_t wanted) {
  return x.index_select(0, label.eq(wanted).nonzero().flatten());
}

/// What is known of one label at one beta.
struct LabelLaw {
  std::int64_t label = 0;
  DirectedLaw law;
  // KL from p_0(.|label): of the optimum, (beta / 2) E h - log Z; of histograms
  double optimum_cost = 0.0, rows_cost = 0.0, cost = 0.0;
};

LabelLaw label_law(std::int64_t label, double beta, const sampling::SampleSet& samples,
                   const data::Dataset& data) {
  const auto mixture = law_of_label(label);
  const auto law = directed_law(mixture, beta, rows_with_label(samples.x, *samples.label, label),
                                rows_with_label(data.x, *data.label, label));
  return {.label = label,
          .law = law,
          .optimum_cost = directed_cost(mixture, beta),
          .rows_cost = law_of(law.data, directed_log_weights(beta, law.data), mixture).divergence,
          .cost = law_of(law.samples, {}, mixture).divergence};
}

std::string choices_text(const ReproduceSetting& setting) {
  const auto plan = directed_plan(setting);
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  return "Algorithm 2 of Gao, Zha, Zhou (arXiv 2409.04832): one model for the labels\n"
         "0: N(2, 1),  1: 1/2 N(-3, 1) + 1/2 N(3, 1),  2: 1/4 N(-4, 1/4) + 1/2 N(0, 1) + 1/4 N(4, "
         "1/4),\n" +
         text(num_rows) +
         " rows, h(y) = -(y - 6)^2, T = 5. The paper reports no conditional experiment. The "
         "optimum is\np_0(.|c) e^{beta h / 2}, known in closed form.\nOurs: " +
         text(plan.steps) + " steps, " + text(plan.episodes) + " episodes of " +
         text(directed_batch_rows) + " trajectories, expected update, preconditioned mean, " +
         text(plan.samples) +
         " samples of\neach label, last step without noise. \"rows, weighted\": the label's "
         "training rows with weights e^{beta h / 2}.\nKL: of the histogram (bins of 0.25) from the "
         "optimum; cost: of the same from p_0(.|c). ± half the 95 % interval of the samples.\n";
}

/// The lines of a table, and the label and the costs around them.
void add_lines(const LabelLaw& known, std::vector<Cells>& cells) {
  const std::array<double, 3> costs = {known.optimum_cost, known.rows_cost, known.cost};
  auto lines = directed_cells(known.law);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    lines[i].insert(lines[i].begin(), std::to_string(known.label));
    lines[i].push_back(significant(costs[i], 4));
    cells.push_back(lines[i]);
  }
}

json to_json(const LabelLaw& known) {
  auto object = directed_json(known.law);
  object["label"] = known.label;
  object["optimum"]["cost"] = known.optimum_cost;
  object["rows_weighted"]["cost"] = known.rows_cost;
  object["ours"]["cost"] = known.cost;
  return object;
}

Results results_of(const ReproduceSetting& setting, const std::vector<LabelLaw>& laws) {
  std::vector<Cells> cells = {directed_titles()};
  cells[0].insert(cells[0].begin(), "label");
  cells[0].push_back("cost");
  std::vector<DirectedPanel> panels;
  auto rows = json::array();
  for (const auto& known : laws) {
    add_lines(known, cells);
    rows.push_back(to_json(known));
    panels.push_back(
        {"label " + std::to_string(known.label) + ", beta = " + significant(known.law.beta, 4),
         known.law});
  }
  return {choices_text(setting) + "\n" + text_table(cells),
          {{"rows", rows},
           {"choices", choices_text(setting)},
           {"samples_of_each_label", directed_plan(setting).samples}},
          plot_directed("1-D mixtures by label with the reward -(y - 6)^2", panels)};
}

Config config_of(const ReproduceSetting& setting, double beta) {
  auto config = directed_config(setting, beta);
  config.context.kind = "label";
  config.validate();
  return config;
}

}  // namespace

std::optional<Results> reproduce_conditional_mixture(const ReproduceSetting& setting,
                                                     const comm::Communicator& comm) {
  const auto data = labelled_mixture();
  write_training_data(setting, data, comm);
  std::vector<LabelLaw> laws;
  for (const double beta : betas) {
    const auto samples = train_and_draw(setting, config_of(setting, beta),
                                        directed_plan(setting).samples, {"label=all"}, comm);
    if (!samples) return std::nullopt;
    for (std::int64_t label = 0; comm.is_root() && label < num_labels; ++label)
      laws.push_back(label_law(label, beta, *samples, data));
  }
  return comm.is_root() ? results_of(setting, laws) : Results();
}

}  // namespace tropism::app
