// SPDX-License-Identifier: MIT
// Over many actions the published update averages to the expected one.
#include <cmath>

#include <tropism/control/policy_mean.hpp>
#include <tropism/control/q_learning.hpp>

#include "support/catch.hpp"
#include "support/small_episode.hpp"

namespace {

using namespace tropism;

constexpr double theta = 0.5, dt = 0.015625, g_squared = 2.25;
constexpr std::int64_t D = 2, groups = 60, group_size = 400;

std::shared_ptr<network::Mlp> policy_network() {
  auto mlp = std::make_shared<network::Mlp>(
      1 + D, D, network::MlpConfig{.width = 4, .depth = 1, .activation = "tanh"},
      network::LastLayer::random, 5, 0);
  mlp->to(torch::kFloat64);
  return mlp;
}

/// A value that does not change with time: V(y) = sin(y_1) + y_1 y_2 / 2.
torch::Tensor V(const torch::Tensor& y) {
  const auto first = y.select(-1, 0), second = y.select(-1, 1);
  return first.sin() + 0.5 * first * second;
}

/// One step from one state with fresh actions and noise; antithetic in the state's noise, which
/// takes away most of the variance that says nothing about actions.
control::Episode one_step(const score::ScoreFunction& policy, std::int64_t set) {
  const auto y = torch::tensor({0.4, -0.7}, torch::kFloat64).expand({1, group_size, D});
  const auto tau = torch::full({group_size}, dt, torch::kFloat64);
  const auto mu = policy.score(y[0], tau).detach();
  const auto action = mu + std::sqrt(theta / (2.0 * g_squared)) *
                               test::normal_tensor({group_size / 2, D}, 2 * set).repeat({2, 1});
  const auto half = test::normal_tensor({group_size / 2, D}, 2 * set + 1);
  const auto noise = torch::cat({half, -half});
  const auto next = y[0] + (y[0] + g_squared * action) * dt + std::sqrt(g_squared * dt) * noise;
  control::Episode episode;
  episode.states = torch::stack({y[0], next});
  episode.actions = action.unsqueeze(0);
  episode.scores = torch::tensor({-0.9, 0.3}, torch::kFloat64).expand({1, group_size, D});
  episode.rewards = V(next);
  return episode;
}

/// The gradient of the policy loss of one group of trajectories, [P].
torch::Tensor gradient(bool sampled, std::int64_t set) {
  const auto environment = test::small_environment({dt, 0.0});
  const auto mlp = policy_network();
  const control::PolicyMean policy("plain", test::standard_fit(environment.process, D),
                                   std::make_shared<network::NetworkField>(mlp));
  const auto value = test::formula_value(
      environment, "plain",
      test::field([](const torch::Tensor&, const torch::Tensor& y) { return V(y).unsqueeze(1); }));
  control::q_learning_losses({.sampled_update = sampled, .temperature = theta, .beta = 1.0},
                             environment, one_step(policy, set), policy, value, group_size)
      .policy.backward();
  std::vector<torch::Tensor> flat;
  for (const auto& parameter : mlp->parameters()) flat.push_back(parameter.grad().reshape(-1));
  return torch::cat(flat);
}

TEST_CASE("R1: sampled gradients average to 2 theta dt times the expected one") {
  std::vector<torch::Tensor> rows;
  for (std::int64_t i = 0; i < groups; ++i) rows.push_back(gradient(true, 1000 + i));
  const auto sampled = torch::stack(rows);

  const auto mean = sampled.mean(0);

  const auto standard_error = sampled.std(0) / std::sqrt(static_cast<double>(groups));
  const auto expected = 2.0 * theta * dt * gradient(false, 0);
  CHECK(test::within(mean, expected, 6.0 * standard_error));
  // The test can tell: at many parameters the gradient is far from 0.
  CHECK((expected.abs() > 6.0 * standard_error).sum().item<std::int64_t>() >= 5);
}

}  // namespace
