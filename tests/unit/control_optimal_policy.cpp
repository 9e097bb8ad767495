// SPDX-License-Identifier: MIT
// D2 and D3: with the exact value function, the policy that minimises the expected loss is the
// score of the noised tilted density. The 1-D example of [GZZ24, 6.1], T = 5, dt = 0.25.
#include <cmath>

#include <tropism/control/policy_mean.hpp>
#include <tropism/control/q_learning.hpp>

#include "support/catch.hpp"
#include "support/small_episode.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

constexpr std::int64_t K = 20, B = 29;

/// States on a grid at all times, with the exact score, and phi of D2 in closed form.
struct Grid {
  explicit Grid(double beta_of_reward) : beta(beta_of_reward) {
    states = torch::linspace(-6.0, 8.0, B, torch::kFloat64).expand({K + 1, B}).unsqueeze(2);
  }

  [[nodiscard]] torch::Tensor noise_times() const {
    return 5.0 - 0.25 * torch::arange(K, torch::kFloat64).repeat_interleave(B);
  }
  [[nodiscard]] torch::Tensor flat_states() const {
    return states.narrow(0, 0, K).reshape({K * B, 1});
  }
  [[nodiscard]] score::GaussianMixture tilted() const {
    return test::toy_mixture().tilted_quadratic(beta, test::toy_target());
  }
  /// The score of a noised mixture at all states, [K B, 1].
  [[nodiscard]] torch::Tensor score_of(const score::GaussianMixture& mixture) const {
    return score::MixtureScore(environment.process, mixture).score(flat_states(), noise_times());
  }
  /// log phi = log Z + log p~_tau - log p_tau at states y [K B, 1] of the grid's times;
  /// differentiable.
  [[nodiscard]] torch::Tensor log_phi(const torch::Tensor& y) const {
    std::vector<torch::Tensor> parts;
    for (std::int64_t k = 0; k < K; ++k) {
      const double tau = environment.grid.noise_time(k);
      const double a = environment.process->signal(tau), v = environment.process->variance(tau);
      const auto rows = y.narrow(0, k * B, B);
      parts.push_back(tilted().noised(a, v).log_density(rows) -
                      test::toy_mixture().noised(a, v).log_density(rows));
    }
    return torch::cat(parts) +
           test::toy_mixture().log_normaliser_quadratic(beta, test::toy_target());
  }
  [[nodiscard]] control::Episode episode() const {
    control::Episode result;
    result.states = states;
    result.actions = torch::zeros({K, B, 1}, torch::kFloat64);
    result.scores = score_of(test::toy_mixture()).view({K, B, 1});
    result.rewards = torch::zeros({B}, torch::kFloat64);
    return result;
  }

  double beta;
  control::Environment environment = {
      .process = test::toy_process(),
      .grid = diffusion::make_time_grid({.steps = K}, *test::toy_process()),
      .simulator = diffusion::make_simulator({}),
      .dimension = 1};
  torch::Tensor states;
};

/// Gradient descent of the expected loss on one number per state.
torch::Tensor descend(const Grid& grid, const control::Episode& episode,
                      const control::ValueFunction& value) {
  auto numbers = torch::zeros({K * B, 1}, torch::kFloat64).requires_grad_(true);
  const control::PolicyMean mean(
      "plain", test::standard_fit(grid.environment.process, 1),
      test::field([&](const torch::Tensor&, const torch::Tensor&) { return numbers; }));
  // The loss is a parabola of curvature 2 g^2 dt = 1 in each number: half the way at each step.
  for (int step = 0; step < 24; ++step) {
    if (numbers.grad().defined()) numbers.mutable_grad().zero_();
    control::q_learning_losses({.beta = grid.beta}, grid.environment, episode, mean, value, 1)
        .policy.backward();
    const torch::NoGradGuard no_grad;
    numbers.sub_(numbers.grad(), 0.5);
  }
  return numbers.detach();
}

TEST_CASE("A policy trained with the exact tilt as its data is the score of the noised tilt") {
  const Grid grid(GENERATE(0.0, 0.1, 1.0));
  auto episode = grid.episode();
  auto y = grid.flat_states().clone().requires_grad_(true);
  const auto log_phi = grid.log_phi(y);
  log_phi.sum().backward();
  episode.log_tilt = log_phi.detach().view({K, B});
  episode.tilt_gradient = y.grad().view({K, B, 1});

  const auto policy =
      descend(grid, episode, test::formula_value(grid.environment, "data", nullptr));

  CHECK(test::largest_difference(policy, grid.score_of(grid.tilted())) < 1e-3);
}

TEST_CASE("A policy trained with the exact value network J = 2 log phi is the same") {
  const Grid grid(GENERATE(0.0, 0.1, 1.0));
  const auto network = test::field([&](const torch::Tensor&, const torch::Tensor& y) {
    return (2.0 * grid.log_phi(y)).unsqueeze(1);
  });

  const auto policy =
      descend(grid, grid.episode(), test::formula_value(grid.environment, "plain", network));

  CHECK(test::largest_difference(policy, grid.score_of(grid.tilted())) < 1e-3);
}

TEST_CASE("Without the pull of the value the same descent ends at the score of the data") {
  const Grid grid(1.0);
  const auto network =
      test::field([](const torch::Tensor&, const torch::Tensor& y) { return 0.0 * y; });

  const auto policy =
      descend(grid, grid.episode(), test::formula_value(grid.environment, "plain", network));

  CHECK(test::largest_difference(policy, grid.score_of(test::toy_mixture())) < 1e-3);
  CHECK(test::largest_difference(policy, grid.score_of(grid.tilted())) > 1.0);
}

}  // namespace
