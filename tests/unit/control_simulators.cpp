// SPDX-License-Identifier: MIT
// Every simulator as the environment that a policy acts in, and the policy that is best in the ODE.
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/control/roll_out.hpp>

#include "support/catch.hpp"
#include "support/fields.hpp"
#include "support/gaussian_law.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

constexpr double T = 3.0;
constexpr std::int64_t batch = 200;

control::Environment environment(const diffusion::SimulatorConfig& simulator, int steps) {
  const auto process = test::toy_process(T);
  return {.process = process,
          .grid = diffusion::make_time_grid({.steps = steps}, *process),
          .simulator = diffusion::make_simulator(simulator),
          .seed = 5};
}

/// h(y) = -|y - 1|^2 at the end; the signal is -y, the exact score of the data N(0, 1).
control::Episode roll_out(const control::Environment& acted_in,
                          const std::shared_ptr<const score::ScoreFunction>& mean) {
  const test::ExactSignal signal(
      test::score_function([](const torch::Tensor& x, const torch::Tensor&) { return -x; }));
  const auto reward = reward::make_reward({.kind = "quadratic", .target = {1.0}}, 1);
  return control::roll_out(acted_in, {{0, batch, mean}}, signal, *reward, {0, batch}, 0);
}

std::shared_ptr<const score::ScoreFunction> some_policy() {
  return test::score_function(
      [](const torch::Tensor& x, const torch::Tensor& t) { return -t.unsqueeze(1) * x.tanh(); });
}

TEST_CASE("A policy can act in every simulator: the states are those of its steps") {
  const auto config =
      GENERATE(diffusion::SimulatorConfig{"euler-maruyama"},
               diffusion::SimulatorConfig{"exponential"}, diffusion::SimulatorConfig{"ode-euler"},
               diffusion::SimulatorConfig{"ddim", 0.5}, diffusion::SimulatorConfig{"heun"},
               diffusion::SimulatorConfig{"dpm-solver++2m"}, diffusion::SimulatorConfig{"deis"});
  const auto acted_in = environment(config, 8);

  const auto episode = roll_out(acted_in, some_policy());

  const diffusion::ActionAt mean = [](const torch::Tensor& y, double t) { return -t * y.tanh(); };
  const base::RandomStream prior(5, base::Purpose::initial_state),
      noise(5, base::Purpose::state_noise);
  const auto stepper = acted_in.simulator->start(*acted_in.process);
  auto y = prior.normal(0, 0, batch, 1) * acted_in.process->prior_std();
  for (std::int64_t k = 0; k < 8; ++k) {
    CHECK(test::largest_difference(episode.states[k], y) < 1e-5);
    y = stepper->step(acted_in.grid.step(k), y, mean(y, acted_in.grid.noise_time(k)),
                      noise.normal(0, k, batch, 1), mean);
  }
  CHECK(test::largest_difference(episode.states[8], y) < 1e-5);
  CHECK(episode.actions.sizes() == torch::IntArrayRef({8, batch, 1}));
}

TEST_CASE("Actions cannot be drawn where a step is made of several") {
  const std::string kind = GENERATE("heun", "dpm-solver++2m", "deis");
  auto acted_in = environment({kind}, 4);
  acted_in.actions = control::Actions::sampled;

  CHECK_THROWS_AS(roll_out(acted_in, some_policy()), base::ContractError);
}

// For the data N(0, 1) the ODE's drift f y + g^2 s/2 is 0, and the HJB equation
// d_t J + (g^2/16) J_y^2 = 0 with J(T, y) = -beta (y - 1)^2, has the solution -(y - 1)^2/(1/beta +
// tau/2).
constexpr double beta = 0.7;

torch::Tensor value(const torch::Tensor& y, double tau) {
  return (y - 1.0).square() / -(1.0 / beta + 0.5 * tau);
}

/// s + share J_y
std::shared_ptr<const score::ScoreFunction> policy_with(double share) {
  return test::score_function([share](const torch::Tensor& y, const torch::Tensor& t) {
    return -y - (y - 1.0) * (2.0 * share) / (1.0 / beta + 0.5 * t.unsqueeze(1));
  });
}

/// beta h(y_T) - int g^2 |s - mu|^2 dt, averaged over the trajectories.
double objective(const control::Environment& acted_in, double share) {
  const auto episode = roll_out(acted_in, policy_with(share));
  const double dt = T / static_cast<double>(acted_in.grid.steps());
  const auto cost = (episode.scores - episode.means).square().sum(2).sum(0) * (2.0 * dt);
  return (beta * episode.rewards - cost).mean().item<double>();
}

TEST_CASE("In the ODE the policy mean s + J_y/4 is the best, and earns J") {
  const std::string kind = GENERATE("ode-euler", "ddim", "heun", "dpm-solver++2m", "deis");
  const auto acted_in = environment({kind}, 400);
  CAPTURE(kind);

  const double best = objective(acted_in, 0.25);

  const base::RandomStream prior(5, base::Purpose::initial_state);
  const auto y_0 = prior.normal(0, 0, batch, 1) * acted_in.process->prior_std();
  CHECK(best == Approx(value(y_0, T).mean().item<double>()).epsilon(0.02));
  for (const double other : {0.0, 0.125, 0.2, 0.3, 0.5}) CHECK(objective(acted_in, other) < best);
}

}  // namespace
