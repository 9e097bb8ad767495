// SPDX-License-Identifier: MIT
// The expected update is the sampled one with the action noise integrated
// out. Here the integral is a quadrature over the noise of action and state.
#include <cmath>

#include <tropism/control/q_learning.hpp>

#include "support/catch.hpp"
#include "support/small_episode.hpp"

namespace {

using namespace tropism;

constexpr double theta = 0.6, f = 1.0, g_squared = 2.25;
constexpr double state = 0.4, observed_score = -0.8, policy_mean = 0.5;

/// A value that does not change with time: V(y) = sin(1.5 y) + 0.2 y^2.
torch::Tensor V(const torch::Tensor& y) {
  return (1.5 * y).sin() + 0.2 * y.square();
}
double slope_of_V(double y) {
  return 1.5 * std::cos(1.5 * y) + 0.4 * y;
}

/// Standard normal nodes and their weights: the trapezoidal rule, exact to round-off here.
struct Nodes {
  torch::Tensor x = torch::linspace(-8.0, 8.0, 129, torch::kFloat64);
  torch::Tensor weight = (-0.5 * x.square()).exp() * (0.125 / std::sqrt(2.0 * M_PI));
};

/// One step of size dt from one state, for every pair of action noise and state noise.
struct OneStep {
  explicit OneStep(double dt_of_step) : dt(dt_of_step) {
    environment.dimension = 1;
    const Nodes nodes;
    const std::int64_t B = nodes.x.size(0) * nodes.x.size(0);
    const auto action_noise = nodes.x.repeat_interleave(nodes.x.size(0)),
               state_noise = nodes.x.repeat({nodes.x.size(0)});
    weight =
        nodes.weight.repeat_interleave(nodes.x.size(0)) * nodes.weight.repeat({nodes.x.size(0)});
    const auto action = policy_mean + std::sqrt(theta / (2.0 * g_squared)) * action_noise;
    const auto y = torch::full({B}, state, torch::kFloat64);
    next = y + (f * y + g_squared * action) * dt + std::sqrt(g_squared * dt) * state_noise;
    episode.states = torch::stack({y, next}).unsqueeze(2);
    episode.actions = action.view({1, B, 1});
    episode.scores = torch::full({1, B, 1}, observed_score, torch::kFloat64);
    episode.rewards = V(next);  // the value at the next state, with beta = 1
  }

  /// The gradient of the loss to the policy mean, averaged over the noise.
  [[nodiscard]] double mean_gradient(bool sampled) const {
    auto means =
        torch::full({weight.size(0), 1}, policy_mean, torch::kFloat64).requires_grad_(true);
    const auto value = test::formula_value(
        environment, "plain",
        test::field([](const torch::Tensor&, const torch::Tensor& y) { return V(y); }));
    const auto losses =
        control::q_learning_losses({.sampled_update = sampled, .temperature = theta, .beta = 1.0},
                                   environment, episode, *test::tabular_mean(means), value, 1);
    losses.policy.backward();
    return (means.grad().squeeze(1) * weight).sum().item<double>();
  }

  [[nodiscard]] double mean_slope_of_next_value() const {
    double sum = 0.0;
    for (std::int64_t i = 0; i < next.size(0); ++i)
      sum += weight[i].item<double>() * slope_of_V(next[i].item<double>());
    return sum;
  }

  double dt;
  control::Environment environment = test::small_environment({dt, 0.0});
  control::Episode episode;
  torch::Tensor weight, next;
};

TEST_CASE("The expected gradient is 2 g^2 dt (mu - s - J_y/2)") {
  const double dt = 0.125;

  const double expected = OneStep(dt).mean_gradient(false);

  const double target = observed_score + 0.5 * slope_of_V(state);
  CHECK(expected == Approx(2.0 * g_squared * dt * (policy_mean - target)).epsilon(1e-6));
}

TEST_CASE("The mean sampled gradient is exactly that of the mean slope of the next value") {
  const double dt = GENERATE(0.03125, 0.25);
  const OneStep step(dt);

  const double sampled = step.mean_gradient(true);

  // By Stein's lemma, without an approximation in dt.
  const double target = observed_score + 0.5 * step.mean_slope_of_next_value();
  const double exact = 2.0 * theta * dt * 2.0 * g_squared * dt * (policy_mean - target);
  CHECK(sampled == Approx(exact).epsilon(1e-6));
}

TEST_CASE("R1: the mean sampled gradient is 2 theta dt times the expected one to first order") {
  const auto discrepancy = [](double dt) {
    const OneStep step(dt);
    const double expected = step.mean_gradient(false);
    return step.mean_gradient(true) / (2.0 * theta * dt * expected) - 1.0;
  };

  const double coarse = discrepancy(0.015625), fine = discrepancy(0.0078125),
               finest = discrepancy(0.00390625);

  CHECK(coarse / fine == Approx(2.0).epsilon(0.1));
  CHECK(fine / finest == Approx(2.0).epsilon(0.05));
  CHECK(std::abs(finest) < 0.02);
}

}  // namespace
