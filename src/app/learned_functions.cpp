// SPDX-License-Identifier: MIT
#include "learned_functions.hpp"

#include <cmath>
#include <utility>

#include "directed_mixture.hpp"

namespace tropism::app {
namespace {

constexpr std::int64_t num_points = 321;

torch::Tensor single(const torch::Tensor& column) {
  return column.to(torch::kFloat32).unsqueeze(1);
}

/// log( w_i p_{tau|0}(y|x_i) ) but for a constant, [n, M].
torch::Tensor log_terms(const torch::Tensor& y, const torch::Tensor& x, double beta, double signal,
                        double variance) {
  return directed_log_weights(beta, x) - (y.unsqueeze(1) - signal * x).square() / (2.0 * variance);
}

void set_exact(LearnedFunctions& at, const score::GaussianMixture& mixture, double signal,
               double variance) {
  const auto y = at.y.unsqueeze(1);
  const auto plain = mixture.noised(signal, variance),
             tilted = directed_optimum(mixture, at.beta).noised(signal, variance);
  at.weight = tilted.log_density(y).softmax(0);
  at.score = plain.score(y).squeeze(1);
  at.optimal_policy = tilted.score(y).squeeze(1);
  at.optimal_value = 2.0 * (directed_log_normaliser(mixture, at.beta) + tilted.log_density(y) -
                            plain.log_density(y));
}

/// @return   what the tilt of the rows adds to the score of the rows
torch::Tensor set_of_rows(LearnedFunctions& at, const torch::Tensor& rows, double signal,
                          double variance) {
  const auto x = rows.to(torch::kFloat64).flatten();
  const auto plain = log_terms(at.y, x, 0.0, signal, variance),
             tilted = log_terms(at.y, x, at.beta, signal, variance);
  // eq. (18): (a sum_i p_i x_i / sum_i p_i - y) / v
  const auto score_of = [&](const torch::Tensor& log_p) {
    return (signal * log_p.softmax(1).matmul(x) - at.y) / variance;
  };
  at.policy_of_rows = score_of(tilted);
  at.value_of_rows = 2.0 * (tilted.logsumexp(1) - plain.logsumexp(1));
  return at.policy_of_rows - score_of(plain);
}

void set_learned(LearnedFunctions& at, const control::ActorCritic& networks,
                 const torch::Tensor& tilt_gradient) {
  const auto time = torch::full({num_points}, at.noise_time);
  const auto without = control::without_context();
  at.policy =
      networks.policy_mean(without)->score(single(at.y), time).squeeze(1).to(torch::kFloat64);
  control::ValueQuery query;
  query.y = single(at.y);
  query.noise_time = time;
  if (at.beta > 0.0) {
    query.log_tilt = single(0.5 * at.value_of_rows).squeeze(1);
    query.tilt_gradient = single(tilt_gradient);
  }
  at.value = networks.value_function(without)
                 ->evaluate(query, control::Gradient::not_wanted)
                 .value.to(torch::kFloat64);
}

double root_mean_square(const LearnedFunctions& at, const torch::Tensor& function) {
  return std::sqrt((at.weight * function.square()).sum().item<double>());
}

/// In the order of the table's columns.
std::vector<std::pair<const char*, double>> measures_of(const LearnedFunctions& at) {
  const auto of = [&](const torch::Tensor& function) { return root_mean_square(at, function); };
  return {{"half_value_gradient", of(at.optimal_policy - at.score)},
          {"policy_error_of_rows", of(at.policy_of_rows - at.optimal_policy)},
          {"policy_error", of(at.policy - at.optimal_policy)},
          {"value", of(at.optimal_value)},
          {"value_error_of_rows", of(at.value_of_rows - at.optimal_value)},
          {"value_error", of(at.value - at.optimal_value)}};
}

}  // namespace

LearnedFunctions learned_functions(const LoadedModel& loaded, const score::GaussianMixture& mixture,
                                   const torch::Tensor& rows, double noise_time) {
  const torch::NoGradGuard no_grad;
  const auto& process = *loaded.model.process;
  const double signal = process.signal(noise_time), variance = process.variance(noise_time);
  LearnedFunctions at;
  at.beta = loaded.config.reward.beta;
  at.noise_time = noise_time;
  at.y = torch::linspace(-8.0, 8.0, num_points, torch::kFloat64);
  set_exact(at, mixture, signal, variance);
  set_learned(at, *loaded.model.networks, set_of_rows(at, rows, signal, variance));
  return at;
}

Cells learned_titles() {
  return {"beta", "tau", "|J*_y / 2|", "mu, rows", "mu, ours", "|J*|", "J, rows", "J, ours"};
}

Cells learned_cells(const LearnedFunctions& at) {
  Cells cells = {significant(at.beta, 3), significant(at.noise_time, 3)};
  for (const auto& [name, value] : measures_of(at)) cells.push_back(significant(value, 3));
  return cells;
}

nlohmann::json learned_json(const LearnedFunctions& at) {
  nlohmann::json object = {{"beta", at.beta}, {"noise_time", at.noise_time}};
  for (const auto& [name, value] : measures_of(at)) object[name] = value;
  return object;
}

}  // namespace tropism::app
