// SPDX-License-Identifier: MIT
// Several updates from one episode, each on its own steps.
#include <tropism/control/q_learning.hpp>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/small_episode.hpp"

namespace {

using namespace tropism;
using control::StepSubset;

constexpr std::int64_t K = 6, B = 4, batch = 10;

control::Environment environment() {
  return test::small_environment({1.5, 1.25, 1.0, 0.75, 0.5, 0.25, 0.0});
}

/// The policy mean of today, which need not be that which was played.
torch::Tensor mean_of(const torch::Tensor& y) {
  return -0.3 * y;
}

/// An episode whose rewards and later steps are the same whatever the subset is.
control::Episode episode() {
  auto result = test::small_episode(K, B);
  result.means = test::normal_tensor({K, B, 2}, 31);
  return result;
}

control::Losses losses_of(const control::QLearning& setting, const control::Episode& of_episode,
                          StepSubset subset) {
  const auto value = test::formula_value(
      environment(), "plain", test::field([](const torch::Tensor& t, const torch::Tensor& y) {
        return (y.select(1, 0).sin() + t).unsqueeze(1);
      }));
  const auto mean =
      test::score_function([](const torch::Tensor& y, const torch::Tensor&) { return mean_of(y); });
  return control::q_learning_losses(setting, environment(), of_episode, *mean, value, batch,
                                    subset);
}

control::QLearning any_setting() {
  return {.sampled_update = GENERATE(false, true),
          .monte_carlo = GENERATE(false, true),
          .temperature = 0.7,
          .beta = 0.9};
}

TEST_CASE("The losses of the parts of an episode average to those of the whole") {
  const auto setting = any_setting();
  const std::int64_t stride = GENERATE(2, 3, 6);

  const auto whole = losses_of(setting, episode(), {});

  double policy = 0.0, value = 0.0;
  auto per_trajectory = torch::zeros({B}, torch::kFloat64);
  for (std::int64_t first = 0; first < stride; ++first) {
    const auto part = losses_of(setting, episode(), {first, stride});
    policy += part.policy.value() / static_cast<double>(stride);
    value += part.value.value() / static_cast<double>(stride);
    per_trajectory += part.policy_per_trajectory() / static_cast<double>(stride);
  }
  CHECK(policy == Approx(whole.policy.value()).epsilon(1e-6));
  CHECK(value == Approx(whole.value.value()).epsilon(1e-6));
  CHECK(torch::allclose(per_trajectory, whole.policy_per_trajectory(), 1e-6));
}

TEST_CASE("Parts of unequal size stand for all steps alike") {
  const auto setting = any_setting();

  const auto whole = losses_of(setting, episode(), {});

  // Steps 0 and 4, 1 and 5, 2, 3: each part is scaled by 6 over its number of steps.
  double policy = 0.0;
  for (std::int64_t first = 0; first < 4; ++first) {
    const double share = first < 2 ? 2.0 / 6.0 : 1.0 / 6.0;
    policy += share * losses_of(setting, episode(), {first, 4}).policy.value();
  }
  CHECK(policy == Approx(whole.policy.value()).epsilon(1e-6));
}

TEST_CASE("The critic learns from the means that were played, the policy from its own") {
  auto played = episode();
  auto played_today = episode();
  played_today.means = mean_of(played.states.narrow(0, 0, K));
  auto not_recorded = episode();
  not_recorded.means = torch::Tensor();

  const auto past = losses_of({.beta = 0.9}, played, {});
  const auto today = losses_of({.beta = 0.9}, played_today, {});
  const auto unknown = losses_of({.beta = 0.9}, not_recorded, {});

  CHECK(torch::equal(past.policy.terms(), today.policy.terms()));
  CHECK(std::abs(past.value.value() - today.value.value()) > 0.01);
  CHECK(unknown.value.value() == Approx(today.value.value()).epsilon(1e-9));
}

TEST_CASE("A subset that holds no step of the episode is refused") {
  const auto refusal = [](StepSubset subset) {
    return test::message_of<base::ContractError>([&] { return losses_of({}, episode(), subset); });
  };

  CHECK(test::contains(refusal({0, 0}), "a stride of at least one step"));
  CHECK(test::contains(refusal({0, -1}), "a stride of at least one step"));
  CHECK(test::contains(refusal({-1, 2}), "a first step that the episode has"));
  CHECK(test::contains(refusal({K, K + 1}), "a first step that the episode has"));
  CHECK(test::message_of<base::ContractError>([] {
          return losses_of({}, episode(), {K - 1, K});
        }) == "nothing was thrown");
}

}  // namespace
