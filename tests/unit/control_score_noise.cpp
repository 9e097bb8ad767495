// SPDX-License-Identifier: MIT
// Losses with a signal that knows its noise: the cost of an action is <s_1 - a, s_2 - a> of two
// independent signals (MATH E4), in every target and gain.
#include <cmath>
#include <numbers>

#include <tropism/control/q_learning.hpp>

#include "support/catch.hpp"
#include "support/small_episode.hpp"

namespace {

using namespace tropism;

constexpr double theta = 0.7, beta = 0.9, g_squared = 2.25;
constexpr std::int64_t K = 3, B = 4;

torch::Tensor mean_table() {
  return test::normal_tensor({K * B, 2}, 21);
}

torch::Tensor signal_of(std::int64_t number) {
  return test::normal_tensor({K, B, 2}, 30 + number);
}

/// An episode that heard two signals.
control::Episode episode_of_two() {
  auto episode = test::small_episode();
  episode.scores = 0.5 * (signal_of(1) + signal_of(2));
  episode.score_noise = 0.25 * (signal_of(1) - signal_of(2)).square().sum(2);
  return episode;
}

double cost(const torch::Tensor& action, std::int64_t i, std::int64_t b) {
  return ((signal_of(1)[i][b] - action) * (signal_of(2)[i][b] - action)).sum().item<double>();
}

double squared(const torch::Tensor& v) {
  return v.square().sum().item<double>();
}

/// (r_hat - q) dt of a step; D = 2.
double gain(const control::Episode& episode, std::int64_t i, std::int64_t b, bool sampled) {
  const double dt = test::small_environment().grid.step_size(i);
  const double entropy = theta * std::log(std::numbers::pi * theta / g_squared);
  const auto mu = mean_table()[i * B + b], a = episode.actions[i][b];
  if (!sampled) return (entropy - g_squared * cost(mu, i, b)) * dt;
  return (entropy + g_squared * (squared(a - mu) - cost(a, i, b))) * dt;
}

/// J = y_1.
double value_at(const control::Episode& episode, std::int64_t i, std::int64_t b) {
  return i == K ? beta * episode.rewards[b].item<double>() : episode.states[i][b][0].item<double>();
}

control::Losses losses_of(const control::Episode& episode, bool sampled, bool monte_carlo) {
  const auto environment = test::small_environment();
  const auto critic =
      test::field([](const torch::Tensor&, const torch::Tensor& y) { return y.narrow(1, 0, 1); });
  return control::q_learning_losses(
      {.sampled_update = sampled, .monte_carlo = monte_carlo, .temperature = theta, .beta = beta},
      environment, episode, *test::tabular_mean(mean_table()),
      test::formula_value(environment, "plain", critic), B);
}

TEST_CASE("The critic's targets count the product of two signals as the cost of an action") {
  const bool sampled = GENERATE(false, true), monte_carlo = GENERATE(false, true);
  const auto episode = episode_of_two();

  const auto losses = losses_of(episode, sampled, monte_carlo);

  for (std::int64_t b = 0; b < B; ++b) {
    double expected = 0.0;
    for (std::int64_t i = 0; i < K; ++i) {
      double target = value_at(episode, monte_carlo ? K : i + 1, b);
      for (std::int64_t k = i; k < (monte_carlo ? K : i + 1); ++k)
        target += gain(episode, k, b, sampled);
      expected += std::pow(target - value_at(episode, i, b), 2);
    }
    CHECK(losses.value_per_trajectory()[b].item<double>() == Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("The sampled update's temporal difference counts the product of two signals") {
  const auto episode = episode_of_two();

  const auto losses = losses_of(episode, true, false);

  for (std::int64_t b = 0; b < B; ++b) {
    double expected = 0.0;
    for (std::int64_t i = 0; i < K; ++i)
      expected += std::pow(
          value_at(episode, i + 1, b) - value_at(episode, i, b) + gain(episode, i, b, true), 2);
    CHECK(losses.policy_per_trajectory()[b].item<double>() == Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("The expected update draws the policy to the mean of the two signals") {
  auto episode = episode_of_two();
  const auto with_noise = losses_of(episode, false, true);
  episode.score_noise = torch::Tensor();

  const auto without = losses_of(episode, false, true);

  CHECK(torch::equal(with_noise.policy.terms(), without.policy.terms()));
  CHECK_FALSE(torch::equal(with_noise.value.terms(), without.value.terms()));
}

}  // namespace
