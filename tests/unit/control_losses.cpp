// SPDX-License-Identifier: MIT
// The losses of the expected update against loops: targets, coupling, limit, and how parts add up.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <tropism/control/q_learning.hpp>

#include "support/catch.hpp"
#include "support/small_episode.hpp"

namespace {

using namespace tropism;
using control::QLearning;

constexpr double theta = 0.7, beta = 0.9, g_squared = 2.25, terminal_time = 1.5;
constexpr std::int64_t K = 3, B = 4, batch = 10;

/// Unequal steps, so that each must be weighed by its own size.
control::Environment environment() {
  return test::small_environment({1.5, 0.75, 0.25, 0.0});
}
double tau(std::int64_t i) {
  return environment().grid.noise_time(i);
}
double dt(std::int64_t i) {
  return environment().grid.step_size(i);
}

torch::Tensor mean_table() {
  return test::normal_tensor({K * B, 2}, 21);
}

/// F(t, y) = 0.3 y_1^2 - y_2 + t, and half its gradient.
torch::Tensor critic(const torch::Tensor& t, const torch::Tensor& y) {
  return (0.3 * y.select(1, 0).square() - y.select(1, 1) + t).unsqueeze(1);
}
torch::Tensor half_gradient_of_critic(const torch::Tensor& y) {
  return torch::stack({0.3 * y[0], torch::full({}, -0.5, torch::kFloat64)});
}

/// sin(pi tau/2T) in the data form, 1 in the plain one.
double share_of_network(const std::string& form, std::int64_t i) {
  return form == "plain" ? 1.0 : std::sin(std::numbers::pi * tau(i) / (2.0 * terminal_time));
}

control::Losses losses_of(const QLearning& setting, const std::string& form,
                          const control::Episode& episode, const torch::Tensor& table,
                          control::StepSubset subset = {}) {
  const auto value = test::formula_value(environment(), form, test::field(critic));
  return control::q_learning_losses(setting, environment(), episode, *test::tabular_mean(table),
                                    value, batch, subset);
}

double value_at(const control::Episode& episode, const std::string& form, std::int64_t i,
                std::int64_t b) {
  if (i == K) return beta * episode.rewards[b].item<double>();
  const auto y = episode.states[i][b];
  const double F =
      0.3 * std::pow(y[0].item<double>(), 2) - y[1].item<double>() + (terminal_time - tau(i));
  const double tilt = form == "data" ? 2.0 * episode.log_tilt[i][b].item<double>() : 0.0;
  return tilt + share_of_network(form, i) * F;
}

/// E_a[r_hat - q] dt = ( -g^2 |s_hat - mu|^2 + (theta D/2) log(pi theta/g^2) ) dt; only the plain
/// form counts the entropy.
double gain(const control::Episode& episode, const std::string& form, std::int64_t i,
            std::int64_t b) {
  const auto mu = mean_table()[i * B + b];
  const double cost = g_squared * (episode.scores[i][b] - mu).square().sum().item<double>();
  const double entropy =
      form == "plain" ? theta * std::log(std::numbers::pi * theta / g_squared) : 0.0;
  return (entropy - cost) * dt(i);
}

TEST_CASE("The temporal-difference target is the next value plus the gain of one step") {
  const std::string form = GENERATE("plain", "data");
  const auto episode = test::small_episode();

  const auto losses = losses_of({.monte_carlo = false, .temperature = theta, .beta = beta}, form,
                                episode, mean_table());

  for (std::int64_t b = 0; b < B; ++b) {
    double expected = 0.0;
    for (std::int64_t i = 0; i < K; ++i)
      expected += std::pow(value_at(episode, form, i + 1, b) + gain(episode, form, i, b) -
                               value_at(episode, form, i, b),
                           2);
    CHECK(losses.value_per_trajectory()[b].item<double>() == Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("The Monte-Carlo target is beta h plus all gains to come") {
  const std::string form = GENERATE("plain", "data");
  const auto episode = test::small_episode();

  const auto losses = losses_of({.monte_carlo = true, .temperature = theta, .beta = beta}, form,
                                episode, mean_table());

  for (std::int64_t b = 0; b < B; ++b) {
    double expected = 0.0;
    for (std::int64_t i = 0; i < K; ++i) {
      double target = value_at(episode, form, K, b);
      for (std::int64_t k = i; k < K; ++k) target += gain(episode, form, k, b);
      expected += std::pow(target - value_at(episode, form, i, b), 2);
    }
    CHECK(losses.value_per_trajectory()[b].item<double>() == Approx(expected).epsilon(1e-6));
  }
}

/// sum_i g^2 dt |mu - s - c (known + coupling limited(learned))|^2 of one trajectory.
double policy_loss(const control::Episode& episode, const QLearning& setting,
                   const std::string& form, std::int64_t b, double c = 1.0) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < K; ++i) {
    auto learned = half_gradient_of_critic(episode.states[i][b]) * share_of_network(form, i);
    const double norm = learned.norm().item<double>();
    if (setting.gradient_limit > 0.0)
      learned = learned * std::min(1.0, setting.gradient_limit / norm);
    auto target = episode.scores[i][b] + c * setting.coupling * learned;
    if (form == "data") target = target + c * episode.tilt_gradient[i][b];
    sum += g_squared * dt(i) * (mean_table()[i * B + b] - target).square().sum().item<double>();
  }
  return sum;
}

TEST_CASE("The policy is drawn to s + J_y/2, with the learned part limited, then coupled in") {
  const std::string form = GENERATE("plain", "data");
  const double coupling = GENERATE(0.0, 0.25, 1.0), limit = GENERATE(0.0, 0.4, 100.0);
  const auto episode = test::small_episode();
  const QLearning setting = {
      .temperature = theta, .beta = beta, .coupling = coupling, .gradient_limit = limit};

  const auto losses = losses_of(setting, form, episode, mean_table());

  double whole = 0.0;
  for (std::int64_t b = 0; b < B; ++b) {
    const double expected = policy_loss(episode, setting, form, b);
    CHECK(losses.policy_per_trajectory()[b].item<double>() == Approx(expected).epsilon(1e-6));
    whole += expected / batch;
  }
  CHECK(losses.policy.value() == Approx(whole).epsilon(1e-6));
}

TEST_CASE(
    "Where the simulator solves the ODE the policy is drawn to s + J_y/4, DDIM's in between") {
  const auto [config, c] = GENERATE(table<diffusion::SimulatorConfig, double>({
      {{"exponential"}, 1.0},
      {{"ddim", 1.0}, 1.0},
      {{"ddim", 0.6}, 0.68},
      {{"ddim", 0.0}, 0.5},
      {{"ode-euler"}, 0.5},
      {{"heun"}, 0.5},
      {{"dpm-solver++2m"}, 0.5},
      {{"deis"}, 0.5},
  }));
  const std::string form = GENERATE("plain", "data");
  const auto episode = test::small_episode();
  const QLearning setting = {.temperature = theta, .beta = beta, .gradient_limit = 0.4};
  auto solved = environment();
  solved.simulator = diffusion::make_simulator(config);

  const auto value = test::formula_value(solved, form, test::field(critic));
  const auto losses = control::q_learning_losses(setting, solved, episode,
                                                 *test::tabular_mean(mean_table()), value, batch);

  for (std::int64_t b = 0; b < B; ++b)
    CHECK(losses.policy_per_trajectory()[b].item<double>() ==
          Approx(policy_loss(episode, setting, form, b, c)).epsilon(1e-6));
}

TEST_CASE("The tilted score is s + J_y/2 in every simulator") {
  const std::string kind = GENERATE("euler-maruyama", "ddim", "heun", "dpm-solver++2m");
  const auto episode = test::small_episode();
  const QLearning setting = {
      .tilted_score = true, .temperature = theta, .beta = beta, .gradient_limit = 0.4};
  auto solved = environment();
  solved.simulator = diffusion::make_simulator({kind});

  const auto value = test::formula_value(solved, "data", test::field(critic));
  const auto losses = control::q_learning_losses(setting, solved, episode,
                                                 *test::tabular_mean(mean_table()), value, batch);

  for (std::int64_t b = 0; b < B; ++b)
    CHECK(losses.policy_per_trajectory()[b].item<double>() ==
          Approx(policy_loss(episode, setting, "data", b, 1.0)).epsilon(1e-6));
}

TEST_CASE("The policy loss has the gradient 2 g^2 dt (mu - target), and none into the critic") {
  auto table = mean_table().requires_grad_(true);
  auto critic_weight = torch::ones({1}, torch::kFloat64).requires_grad_(true);
  const auto episode = test::small_episode();
  const auto network = test::field(
      [&](const torch::Tensor& t, const torch::Tensor& y) { return critic_weight * critic(t, y); });
  const auto value = test::formula_value(environment(), "plain", network);

  const auto losses = control::q_learning_losses({.beta = beta}, environment(), episode,
                                                 *test::tabular_mean(table), value, batch);
  losses.policy.backward();

  CHECK_FALSE(critic_weight.grad().defined());
  for (std::int64_t i = 0; i < K; ++i)
    for (std::int64_t b = 0; b < B; ++b) {
      const auto target = episode.scores[i][b] + half_gradient_of_critic(episode.states[i][b]);
      const auto expected = 2.0 * g_squared * dt(i) * (mean_table()[i * B + b] - target) / batch;
      CHECK(test::largest_difference(table.grad()[i * B + b], expected) < 1e-6);
    }
}

TEST_CASE("The value loss has no gradient into the policy") {
  auto table = mean_table().requires_grad_(true);
  const bool sampled = GENERATE(false, true), monte_carlo = GENERATE(false, true);
  auto critic_weight = torch::ones({1}, torch::kFloat64).requires_grad_(true);
  const auto network = test::field(
      [&](const torch::Tensor& t, const torch::Tensor& y) { return critic_weight * critic(t, y); });
  const auto value = test::formula_value(environment(), "plain", network);

  const auto losses = control::q_learning_losses(
      {.sampled_update = sampled, .monte_carlo = monte_carlo, .beta = beta}, environment(),
      test::small_episode(), *test::tabular_mean(table), value, batch);
  losses.value.backward();

  CHECK_FALSE(table.grad().defined());
  CHECK(critic_weight.grad().defined());
}

TEST_CASE("Losses and gradients of parts of a batch add up to those of the whole") {
  const bool sampled = GENERATE(false, true), monte_carlo = GENERATE(false, true);
  const QLearning setting = {
      .sampled_update = sampled, .monte_carlo = monte_carlo, .temperature = theta, .beta = beta};
  const auto episode = test::small_episode();
  const auto table = mean_table();

  const auto whole = losses_of(setting, "data", episode, table);
  const auto rows = table.view({K, B, 2});
  const auto first =
      losses_of(setting, "data", episode.rows(0, 1), rows.narrow(1, 0, 1).reshape({K, 2}));
  const auto rest =
      losses_of(setting, "data", episode.rows(1, 3), rows.narrow(1, 1, 3).reshape({3 * K, 2}));

  CHECK(first.policy.value() + rest.policy.value() == Approx(whole.policy.value()));
  CHECK(first.value.value() + rest.value.value() == Approx(whole.value.value()));
  CHECK(torch::allclose(torch::cat({first.policy_per_trajectory(), rest.policy_per_trajectory()}),
                        whole.policy_per_trajectory()));
  CHECK(
      torch::allclose(torch::cat({first.policy_norm(), rest.policy_norm()}), whole.policy_norm()));
}

TEST_CASE("The reported policy norm is the mean of |mu| over the steps") {
  const auto losses = losses_of({}, "plain", test::small_episode(), mean_table());

  for (std::int64_t b = 0; b < B; ++b) {
    double sum = 0.0;
    for (std::int64_t i = 0; i < K; ++i) sum += mean_table()[i * B + b].norm().item<double>();
    CHECK(losses.policy_norm()[b].item<double>() == Approx(sum / 3.0).epsilon(1e-9));
  }
}

TEST_CASE("Without a value network there is no value loss, and the known gradient still pulls") {
  const auto value = test::formula_value(environment(), "data", nullptr);
  const auto episode = test::small_episode();

  const auto losses = control::q_learning_losses({.beta = beta}, environment(), episode,
                                                 *test::tabular_mean(mean_table()), value, batch);

  CHECK_FALSE(losses.value.defined());
  CHECK(losses.value_per_trajectory().abs().max().item<double>() == 0.0);
  for (std::int64_t b = 0; b < B; ++b)
    CHECK(losses.policy_per_trajectory()[b].item<double>() ==
          Approx(policy_loss(episode, {.coupling = 0.0}, "data", b)).epsilon(1e-6));
}

TEST_CASE("Before the coupling begins the plain form learns the score alone") {
  const auto episode = test::small_episode();
  const auto scores = episode.scores.view({K * B, 2});

  const auto losses = losses_of({.coupling = 0.0}, "plain", episode, scores);

  CHECK(losses.policy.value() == 0.0);
}

}  // namespace
