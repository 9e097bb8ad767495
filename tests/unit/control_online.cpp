// SPDX-License-Identifier: MIT
// Steps that are learned from one at a time, against the episode that they make.
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <numbers>
#include <utility>

#include <tropism/base/error.hpp>
#include <tropism/control/q_learning.hpp>
#include <tropism/control/roll_out.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/small_episode.hpp"

namespace {

using namespace tropism;
using control::Actions;

constexpr std::int64_t K = 6, B = 5, D = 2, batch = 12;

control::Environment environment(Actions actions) {
  auto result = test::small_environment({1.5, 1.25, 1.0, 0.75, 0.5, 0.25, 0.0});
  result.seed = 17;
  result.actions = actions;
  result.temperature = 0.7;
  return result;
}

/// mu = -w tanh(y) and F = v (sum of sin y + t).
struct Weights {
  torch::Tensor w = torch::full({1}, 0.8F).requires_grad_(true);
  torch::Tensor v = torch::full({1}, 0.6F).requires_grad_(true);

  [[nodiscard]] std::shared_ptr<const score::ScoreFunction> policy() const {
    return test::score_function(
        [this](const torch::Tensor& y, const torch::Tensor&) { return -w * y.tanh(); });
  }
  [[nodiscard]] std::shared_ptr<const network::Field> critic() const {
    return test::field([this](const torch::Tensor& t, const torch::Tensor& y) {
      return (v * (y.sin().sum(1) + t)).unsqueeze(1);
    });
  }
};

test::ExactSignal signal() {
  return test::ExactSignal(
      test::score_function([](const torch::Tensor& y, const torch::Tensor&) { return -y; }),
      test::score_function([](const torch::Tensor& y, const torch::Tensor&) { return -2.0 * y; }));
}

/// The sums over steps, and of their gradients by w and v.
struct Sums {
  double policy = 0.0, value = 0.0, by_w = 0.0, by_v = 0.0;
  void add(const control::Losses& losses, const Weights& of) {
    policy += losses.policy.value();
    value += losses.value.value();
    by_w += torch::autograd::grad({losses.policy.of()}, {of.w}, {losses.policy.gradient()})[0]
                .item<double>();
    by_v += torch::autograd::grad({losses.value.of()}, {of.v}, {losses.value.gradient()})[0]
                .item<double>();
  }
};

/// A roll-out whose steps are learned from one by one, or all together at the end.
class Problem {
 public:
  Problem(bool sampled, const std::string& form)
      : setting_{.sampled_update = sampled, .monte_carlo = false, .temperature = 0.7, .beta = 0.9},
        environment_(environment(sampled ? Actions::sampled : Actions::mean)),
        value_(test::formula_value(environment_, form, weights_.critic())) {}

  [[nodiscard]] control::RollOut start() const {
    return {environment_, policies_, signal_, *reward_, {40, B}, 3};
  }
  [[nodiscard]] control::Losses losses(const control::Episode& of_steps) const {
    return control::q_learning_losses(setting_, environment_, of_steps, *policies_.front().mean,
                                      value_, batch);
  }
  [[nodiscard]] Weights& weights() { return weights_; }
  [[nodiscard]] control::QLearning& setting() { return setting_; }

 private:
  control::QLearning setting_;
  Weights weights_;
  control::Environment environment_;
  std::vector<control::PolicyRows> policies_ = {{0, B, weights_.policy()}};
  test::ExactSignal signal_ = signal();
  std::shared_ptr<const reward::Reward> reward_ =
      reward::make_reward({.kind = "quadratic", .target = {1.0}}, D);
  control::ValueFunction value_;
};

TEST_CASE("With weights that stay the losses of the steps add up to those of the episode") {
  Problem problem(GENERATE(false, true), GENERATE("plain", "data"));

  Sums online, offline;
  std::vector<control::Losses> steps;
  auto roll_out = problem.start();
  while (!roll_out.is_over()) {
    roll_out.advance();
    steps.push_back(problem.losses(roll_out.take_step()));
    online.add(steps.back(), problem.weights());
  }
  auto not_taken = problem.start();
  while (!not_taken.is_over()) not_taken.advance();
  const auto whole = problem.losses(not_taken.finish());
  offline.add(whole, problem.weights());

  REQUIRE(steps.size() == K);
  CHECK(online.policy == Approx(offline.policy).epsilon(1e-5));
  CHECK(online.value == Approx(offline.value).epsilon(1e-5));
  CHECK(online.by_w == Approx(offline.by_w).epsilon(1e-5));
  CHECK(online.by_v == Approx(offline.by_v).epsilon(1e-5));
  const auto joined = control::in_sequence(steps);
  CHECK(torch::allclose(joined.policy.terms(), whole.policy.terms(), 1e-5, 1e-6));
  CHECK(torch::allclose(joined.value.terms(), whole.value.terms(), 1e-5, 1e-6));
  CHECK(torch::allclose(joined.means, whole.means));
  CHECK(joined.scale == whole.scale);
}

TEST_CASE("A step's target is the value that today's critic gives the next state") {
  Problem problem(false, "plain");
  auto roll_out = problem.start();
  roll_out.advance();
  const auto step = roll_out.take_step();
  const auto before = problem.losses(step).value.terms();

  problem.weights().v.data().mul_(2.0);
  const auto after = problem.losses(step).value.terms();

  // g^2 dt |s - mu|^2 with g^2 = 2.25, less the entropy (theta D/2) log(pi theta/g^2) dt
  const double dt = 0.25;
  const auto y = step.states[0], next = step.states[1];
  const auto cost = 2.25 * dt * (-y + 0.8 * y.tanh()).square().sum(1) -
                    0.7 * std::log(std::numbers::pi * 0.7 / 2.25) * dt;
  const auto F = [](const torch::Tensor& at, double t) { return at.sin().sum(1) + t; };
  for (const auto& [v, terms] : {std::pair(0.6, before), std::pair(1.2, after)}) {
    const auto error = v * F(next, 0.25) - cost - v * F(y, 0.0);
    CHECK(torch::allclose(terms[0], error.square(), 1e-4, 1e-5));
  }
}

TEST_CASE("What is learned between steps acts from the next step on") {
  Problem problem(false, "plain");
  auto roll_out = problem.start();

  for (int k = 0; k < 3; ++k) roll_out.advance();
  problem.weights().w.data().fill_(0.3);
  while (!roll_out.is_over()) roll_out.advance();

  const auto episode = roll_out.finish();
  for (std::int64_t k = 0; k < K; ++k)
    CHECK(torch::allclose(episode.means[k], episode.states[k].tanh() * (k < 3 ? -0.8 : -0.3)));
}

TEST_CASE("Of an episode whose steps were taken out there remains what is said of all of them") {
  Problem problem(true, "data");
  auto roll_out = problem.start(), not_taken = problem.start();
  while (!roll_out.is_over()) {
    roll_out.advance();
    CHECK(roll_out.take_step().states.size(0) == 2);
    not_taken.advance();
  }

  const auto left = roll_out.finish(), whole = not_taken.finish();

  CHECK(left.first_step == K);
  CHECK_FALSE(left.actions.defined());
  CHECK(torch::equal(left.states[0], whole.states[K]));
  CHECK(torch::equal(left.rewards, whole.rewards));
  CHECK(torch::equal(left.effective_sample_size, whole.effective_sample_size));
  CHECK(left.floor_activations == whole.floor_activations);
}

TEST_CASE("What an episode returns is no target before its end") {
  Problem problem(false, "plain");
  problem.setting().monte_carlo = true;
  auto roll_out = problem.start();
  const auto complaint = [&] {
    roll_out.advance();
    return test::message_of<base::ContractError>(
        [&] { return problem.losses(roll_out.take_step()); });
  };

  for (std::int64_t k = 1; k < K; ++k)
    CHECK(test::contains(complaint(), "steps to the end for targets of what they return"));
  CHECK(complaint() == "nothing was thrown");
}

}  // namespace
