// SPDX-License-Identifier: MIT
#include <tropism/control/roll_out.hpp>

#include <cmath>
#include <limits>

#include <tropism/base/error.hpp>
#include <tropism/score/ratio_signal.hpp>

#include "support/catch.hpp"
#include "support/fields.hpp"
#include "support/message_of.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using control::Actions;
using control::Environment;
using control::PolicyRows;
using control::Trajectories;

constexpr std::int64_t steps = 6, dimension = 2;

Environment environment(Actions actions, std::int64_t of_dimension = dimension) {
  return {.process = test::toy_process(3.0),
          .grid = diffusion::make_time_grid({.steps = steps}, *test::toy_process(3.0)),
          .simulator = diffusion::make_simulator({}),
          .dimension = of_dimension,
          .seed = 17,
          .actions = actions,
          .temperature = 0.4};
}

/// mu = -tau tanh(x): elementwise, so that its bits do not depend on how rows are grouped.
std::shared_ptr<const score::ScoreFunction> policy() {
  return test::score_function(
      [](const torch::Tensor& x, const torch::Tensor& t) { return -t.unsqueeze(1) * x.tanh(); });
}

test::ExactSignal signal() {
  return test::ExactSignal(
      test::score_function([](const torch::Tensor& x, const torch::Tensor&) { return -x; }),
      test::score_function([](const torch::Tensor& x, const torch::Tensor&) { return -2.0 * x; }));
}

std::shared_ptr<const reward::Reward> quadratic_reward() {
  return reward::make_reward({.kind = "quadratic", .target = {1.0}}, dimension);
}

/// Rolls out with the batch cut into policies at `cuts` = 0, ..., B.
control::Episode roll_out(Trajectories trajectories, const std::vector<std::int64_t>& cuts,
                          Actions actions = Actions::mean) {
  std::vector<PolicyRows> policies;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
    policies.push_back({cuts[i], cuts[i + 1] - cuts[i], policy()});
  return control::roll_out(environment(actions), policies, signal(), *quadratic_reward(),
                           trajectories, 0);
}

void check_equal(const control::Episode& a, const control::Episode& b) {
  CHECK(torch::equal(a.states, b.states));
  CHECK(torch::equal(a.actions, b.actions));
  CHECK(torch::equal(a.means, b.means));
  CHECK(torch::equal(a.scores, b.scores));
  CHECK(torch::equal(a.log_tilt, b.log_tilt));
  CHECK(torch::equal(a.tilt_gradient, b.tilt_gradient));
  CHECK(torch::equal(a.rewards, b.rewards));
  CHECK(torch::equal(a.effective_sample_size, b.effective_sample_size));
}

TEST_CASE("An episode has K + 1 states and K of everything else for each of B trajectories") {
  const auto episode = roll_out({0, 5}, {0, 5});

  CHECK(episode.states.sizes() == torch::IntArrayRef({steps + 1, 5, dimension}));
  CHECK(episode.actions.sizes() == torch::IntArrayRef({steps, 5, dimension}));
  CHECK(episode.means.sizes() == torch::IntArrayRef({steps, 5, dimension}));
  CHECK(episode.scores.sizes() == torch::IntArrayRef({steps, 5, dimension}));
  CHECK(episode.log_tilt.sizes() == torch::IntArrayRef({steps, 5}));
  CHECK(episode.tilt_gradient.sizes() == torch::IntArrayRef({steps, 5, dimension}));
  CHECK(episode.rewards.sizes() == torch::IntArrayRef({5}));
  CHECK(episode.floor_activations == 5 * steps);
}

TEST_CASE("The states are those of Algorithm 1 with the named random numbers") {
  const auto actions = GENERATE(Actions::mean, Actions::sampled);
  const Trajectories trajectories = {40, 5};

  const auto episode = roll_out(trajectories, {0, 5}, actions);

  const base::RandomStream prior(17, base::Purpose::initial_state),
      state_noise(17, base::Purpose::state_noise), action_noise(17, base::Purpose::action_noise);
  auto y = prior.normal(40, 0, 5, dimension) * std::sqrt(1.0 - std::exp(-6.0));
  CHECK(test::largest_difference(episode.states[0], y) < 1e-6);
  for (std::int64_t k = 0; k < steps; ++k) {
    const double tau = 3.0 - 0.5 * static_cast<double>(k);
    auto action = -tau * y.tanh();
    CHECK(test::largest_difference(episode.means[k], action) < 1e-4);
    // The policy's variance is theta/(2 g^2) = 0.4/4.
    if (actions == Actions::sampled)
      action = action + std::sqrt(0.1) * action_noise.normal(40, k, 5, dimension);
    CHECK(test::largest_difference(episode.actions[k], action) < 1e-4);
    y = y + (y + 2.0 * action) * 0.5 + state_noise.normal(40, k, 5, dimension);
    CHECK(test::largest_difference(episode.states[k + 1], y) < 1e-4);
    y = episode.states[k + 1];
  }
}

TEST_CASE("Signals are those at the states, and rewards those at the end") {
  const auto episode = roll_out({0, 5}, {0, 5});

  const auto states = episode.states.narrow(0, 0, steps);
  CHECK(torch::equal(episode.scores, -states));
  CHECK(torch::equal(episode.tilt_gradient, -2.0 * states - -states));
  CHECK(torch::allclose(episode.log_tilt, states.sum(2)));
  CHECK(torch::equal(episode.rewards, quadratic_reward()->evaluate(episode.states[steps])));
  // The mean over steps of what the signal said: the noise time.
  CHECK(torch::allclose(episode.effective_sample_size, torch::full({5}, 1.75)));
}

TEST_CASE("Without a reward in the signal an episode has no tilt") {
  const test::ExactSignal plain(policy());

  const auto episode = control::roll_out(environment(Actions::mean), {{0, 3, policy()}}, plain,
                                         *quadratic_reward(), {0, 3}, 0);

  CHECK_FALSE(episode.log_tilt.defined());
  CHECK_FALSE(episode.tilt_gradient.defined());
  CHECK_FALSE(episode.rows(1, 2).log_tilt.defined());
}

TEST_CASE("An episode does not depend on how its rows are cut into policies") {
  const auto actions = GENERATE(Actions::mean, Actions::sampled);
  const auto whole = roll_out({100, 24}, {0, 24}, actions);

  check_equal(roll_out({100, 24}, {0, 1, 11, 24}, actions), whole);
  check_equal(roll_out({100, 24}, {0, 8, 16, 24}, actions), whole);
}

TEST_CASE("A trajectory does not depend on which others are simulated with it") {
  const auto actions = GENERATE(Actions::mean, Actions::sampled);
  const auto whole = roll_out({100, 24}, {0, 24}, actions);

  check_equal(roll_out({100, 7}, {0, 7}, actions), whole.rows(0, 7));
  check_equal(roll_out({107, 16}, {0, 16}, actions), whole.rows(7, 16));
  check_equal(roll_out({123, 1}, {0, 1}, actions), whole.rows(23, 1));
}

TEST_CASE("Trajectories differ from each other, and with the seed") {
  auto other = environment(Actions::mean);
  other.seed = 18;

  const auto episode = roll_out({0, 2}, {0, 2});
  const auto other_seed =
      control::roll_out(other, {{0, 2, policy()}}, signal(), *quadratic_reward(), {0, 2}, 0);

  CHECK(test::largest_difference(episode.states.select(1, 0), episode.states.select(1, 1)) > 0.1);
  CHECK(test::largest_difference(episode.states, other_seed.states) > 0.1);
}

TEST_CASE("No trajectories make an empty episode") {
  const auto episode =
      control::roll_out(environment(Actions::mean), {}, signal(), *quadratic_reward(), {50, 0}, 0);

  CHECK(episode.states.sizes() == torch::IntArrayRef({steps + 1, 0, dimension}));
  CHECK(episode.rewards.numel() == 0);
}

TEST_CASE("An episode holds no graph") {
  auto weight = torch::ones({1}).requires_grad_(true);
  const auto trainable = test::score_function(
      [&](const torch::Tensor& x, const torch::Tensor&) { return -weight * x; });

  const auto episode = control::roll_out(environment(Actions::mean), {{0, 3, trainable}}, signal(),
                                         *quadratic_reward(), {0, 3}, 0);

  CHECK_FALSE(episode.states.requires_grad());
  CHECK_FALSE(episode.actions.requires_grad());
}

/// A policy whose third row diverges in the step that starts at tau = 2, step 2 of 6.
std::shared_ptr<const score::ScoreFunction> diverging_policy(float value) {
  return test::score_function([value](const torch::Tensor& x, const torch::Tensor& t) {
    auto mean = -x;
    if (std::abs(t[0].item<double>() - 2.0) < 0.1) mean[2].fill_(value);
    return mean;
  });
}

std::string divergence_message(float value, const score::ScoreSignal& seen,
                               std::int64_t of_dimension = dimension) {
  return test::message_of<base::NumericalError>([&] {
    return control::roll_out(environment(Actions::mean, of_dimension),
                             {{0, 5, diverging_policy(value)}}, seen,
                             *reward::make_reward({}, of_dimension), {1000, 5}, 8);
  });
}

TEST_CASE("A state that is not finite is an error that names trajectory and step") {
  const auto message = divergence_message(
      GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()),
      signal());

  CHECK(test::contains(message, "trajectory 1002"));
  CHECK(test::contains(message, "step 3"));
}

TEST_CASE("The ratio estimator's signal does not hide which trajectory diverged") {
  const auto comm = comm::Communicator::alone();
  const std::int64_t D = GENERATE(2, 16);
  const auto x = test::normal_points(50, D, 0) - 10.0;  // all on one side of the centre
  const auto rows = std::make_shared<score::RatioData>(
      comm, score::Scope::local, score::DataRows{.x = x}, torch::zeros({D}), 0);
  const auto summation = GENERATE(score::Summation::running, score::Summation::exact);
  const score::ScoreConfig config;
  const score::RatioSetting setting = {
      &comm, test::toy_process(3.0), rows, config, {1, base::Purpose::estimator_rows}, summation,
      48};
  const score::RatioSignal ratio(std::make_shared<score::RatioSetting>(setting),
                                 torch::zeros({5}, torch::kInt64));

  const auto message = divergence_message(
      GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
               -std::numeric_limits<float>::infinity()),
      ratio, D);

  CHECK(test::contains(message, "trajectory 1002"));
  CHECK(test::contains(message, "step 3"));
}

}  // namespace
