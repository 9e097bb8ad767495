// SPDX-License-Identifier: MIT
#include <array>

#include <tropism/data/synthetic.hpp>

#include "directed_mixture.hpp"
#include "learned_functions.hpp"
#include "plot_theory.hpp"
#include "reproduce_training.hpp"

namespace tropism::app {
namespace {

using nlohmann::json;

constexpr std::int64_t num_rows = 300;  // M, as published
constexpr std::array<double, 7> betas = {0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0};
constexpr std::array<double, 4> dpok_betas = {0.01, 0.025, 0.05, 0.1};
constexpr double shown_beta = 0.1;  // whose functions are drawn
constexpr std::array<double, 4> noise_times = {0.1, 0.5, 1.0, 2.0};

/// A learned part beside the data-informed critic, so that there is something to compare.
Config q_learning_config(const ReproduceSetting& setting, double beta) {
  auto config = directed_config(setting, beta);
  config.value.network = "mlp";
  config.value.mlp = config.policy.mlp;
  config.optimizer.value_learning_rate = 1e-2;
  config.validate();
  return config;
}

/// Goes on from what q-learning has learned with beta = 0.
Config dpok_config(const ReproduceSetting& setting, double beta) {
  auto config = directed_config(setting, beta);
  config.run.directory = run_directory(setting, "dpok-" + significant(beta, 4));
  config.algorithm.name = "dpok";
  config.algorithm.pretrained = last_checkpoint(q_learning_config(setting, 0.0));
  config.validate();
  return config;
}

std::string choices_text(const ReproduceSetting& setting) {
  const auto plan = directed_plan(setting);
  const auto text = [](std::int64_t number) { return std::to_string(number); };
  return "What is learned beside what is known in closed form: 1/2 N(-3, 1) + 1/2 N(3, 1), " +
         text(num_rows) + " rows, h(y) = -(y - 6)^2, T = 5,\n" + text(plan.steps) + " steps, " +
         text(plan.episodes) + " episodes of " + text(directed_batch_rows) +
         " trajectories, expected update, preconditioned mean, a learned part beside the\n"
         "data-informed critic. The optimum of q-learning at beta is p_0 e^{beta h / 2} (D3), that "
         "of DPOK p_0 e^{beta h}: DPOK at beta is\nput beside q-learning at 2 beta. " +
         text(plan.samples) +
         " samples, last step without noise. cost: KL from p_0 (bins of 0.25); least cost: of\n"
         "all laws with that mean reward. ± half the 95 % interval of the samples.\n";
}

std::string functions_text() {
  return "Policy mean and value on a grid of 321 states at noise time tau, root mean squares under "
         "the law of the optimal process.\n|J*_y / 2|: what the best policy adds to the score. "
         "mu, rows: error of the weighted ratio estimate from the training rows (D4),\nfrom mu*; "
         "mu, ours: of the learned policy. J likewise: the tilt of the rows (D2), and the learned "
         "critic.\n";
}

Cells response_cells(const Response& response) {
  const auto half = [](double error) { return significant(*evaluation::half_width(error), 2); };
  const auto& law = response.law;
  return {response.method,
          significant(response.beta, 4),
          significant(law.mean_reward, 4),
          significant(*law.reward.mean, 4) + " ± " + half(*law.reward.standard_error),
          significant(response.optimal_cost, 4),
          significant(response.cost, 4),
          significant(law.law.divergence, 4)};
}

json response_json(const Response& response) {
  auto object = directed_json(response.law);
  object["method"] = response.method;
  object["beta"] = response.beta;
  object["optimum"]["cost"] = response.optimal_cost;
  object["ours"]["cost"] = response.cost;
  return object;
}

Results results_of(const ReproduceSetting& setting, const Theory& theory) {
  std::vector<Cells> responses = {
      {"method", "beta", "exact reward", "reward", "least cost", "cost", "KL from optimum"}};
  std::vector<Cells> functions = {learned_titles()};
  auto rows = json::array(), grid = json::array();
  for (const auto& response : theory.responses) {
    responses.push_back(response_cells(response));
    rows.push_back(response_json(response));
  }
  for (const auto& at : theory.functions) {
    functions.push_back(learned_cells(at));
    grid.push_back(learned_json(at));
  }
  return {choices_text(setting) + "\n" + text_table(responses) + "\n" + functions_text() + "\n" +
              text_table(functions),
          {{"rows", rows}, {"functions", grid}, {"choices", choices_text(setting)}},
          plot_theory(theory, shown_beta)};
}

/// @param tilt   beta of the optimum p_0 e^{beta h / 2}
Response response_of(const std::string& method, double beta, double tilt,
                     const torch::Tensor& samples, const torch::Tensor& rows) {
  return {.method = method,
          .beta = beta,
          .law = directed_law(exact_mixture(), tilt, samples, rows),
          .optimal_cost = directed_cost(exact_mixture(), tilt),
          .cost = law_of(samples, {}).divergence};
}

/// Collective. @return   whether it is done; else a signal stopped it
bool add_response(const ReproduceSetting& setting, const Config& config, const torch::Tensor& rows,
                  const comm::Communicator& comm, Theory& theory) {
  const auto samples = train_and_draw(setting, config, directed_plan(setting).samples, {}, comm);
  if (!samples) return false;
  const double beta = config.reward.beta;
  const bool dpok = config.algorithm.name == "dpok";
  if (comm.is_root())
    theory.responses.push_back(
        response_of(config.algorithm.name, beta, dpok ? 2.0 * beta : beta, samples->x, rows));
  return true;
}

void add_functions(const Config& config, const torch::Tensor& rows, Theory& theory) {
  const auto loaded = load_model(last_checkpoint(config), "average");
  for (const double noise_time : noise_times)
    theory.functions.push_back(learned_functions(loaded, exact_mixture(), rows, noise_time));
}

}  // namespace

std::optional<Results> reproduce_theory(const ReproduceSetting& setting,
                                        const comm::Communicator& comm) {
  const auto data = data::mixture_1d(num_rows, 1);
  write_training_data(setting, data, comm);
  Theory theory;
  for (const double beta : betas) {
    const auto config = q_learning_config(setting, beta);
    if (!add_response(setting, config, data.x, comm, theory)) return std::nullopt;
    if (comm.is_root()) add_functions(config, data.x, theory);
  }
  for (const double beta : dpok_betas)
    if (!add_response(setting, dpok_config(setting, beta), data.x, comm, theory))
      return std::nullopt;
  return comm.is_root() ? results_of(setting, theory) : Results();
}

}  // namespace tropism::app
