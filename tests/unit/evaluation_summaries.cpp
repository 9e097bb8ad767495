// SPDX-License-Identifier: MIT
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/evaluation/label_agreement.hpp>
#include <tropism/evaluation/memorisation.hpp>
#include <tropism/evaluation/reward_summary.hpp>
#include <tropism/evaluation/tilt.hpp>
#include <tropism/reward/reward.hpp>

#include "support/catch.hpp"

namespace {

using namespace tropism;

torch::Tensor numbers(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat64);
}

evaluation::Neighbours neighbours(const std::vector<double>& distance,
                                  const std::vector<std::int64_t>& index) {
  return {numbers(distance).view({-1, 1}), torch::tensor(index, torch::kInt64).view({-1, 1})};
}

/// A reward that is infinite at the origin.
class Reciprocal final : public reward::Reward {
 public:
  [[nodiscard]] torch::Tensor evaluate(const torch::Tensor& x) const override {
    return x.select(1, 0).reciprocal();
  }
};

TEST_CASE("A summary of rewards has mean, standard error, spread and share above 0") {
  const auto summary = evaluation::summarise_rewards(numbers({0, 0, 1, 1}));

  CHECK(*summary.moments.mean == Approx(0.5));
  CHECK(*summary.moments.sd == Approx(std::sqrt(1.0 / 3.0)));
  CHECK(*summary.moments.standard_error == Approx(std::sqrt(1.0 / 12.0)));
  CHECK(*summary.fraction_positive == Approx(0.5));
}

TEST_CASE("The 95 % interval of a mean is 1.96 standard errors to each side") {
  CHECK(*evaluation::half_width(0.5) == Approx(0.98));
  CHECK_FALSE(evaluation::half_width(std::nullopt));
}

TEST_CASE("One reward has a mean and no spread, none have neither") {
  const auto one = evaluation::moments_of(numbers({3}));
  const auto none = evaluation::moments_of(numbers({}));

  CHECK(*one.mean == 3.0);
  CHECK_FALSE(one.sd);
  CHECK_FALSE(none.mean);
}

TEST_CASE("Rewards of many points do not depend on the blocks they are evaluated in") {
  reward::RewardConfig config;
  config.kind = "quadratic";
  config.target = {1.0};
  const auto reward = reward::make_reward(config, 2);
  const auto x = torch::arange(20000, torch::kFloat32).view({10000, 2}) * 1e-3;

  const auto rewards = evaluation::rewards_of(*reward, x);

  CHECK(rewards.allclose(-(x - 1).square().sum(1).to(torch::kFloat64)));
}

TEST_CASE("A reward that is not finite is refused and its row is named") {
  const auto x = torch::tensor({1.0F, 2.0F, 0.0F}).view({3, 1});

  CHECK_THROWS_WITH(evaluation::rewards_of(Reciprocal(), x),
                    Catch::Matchers::Contains("reward of row 2 is not finite"));
}

TEST_CASE("The tilt of an indicator reward is the closed form") {
  auto rewards = torch::zeros({1000}, torch::kFloat64);
  rewards.narrow(0, 0, 488).fill_(1.0);
  const double beta = 2.0 * std::log(0.8 * 0.512 / (0.2 * 0.488));

  const auto tilt = evaluation::exact_tilt(rewards, beta);

  // KL = r log(r/p) + (1-r) log((1-r)/(1-p)) at r = 0.8, p = 0.488.
  CHECK(tilt.mean_reward == Approx(0.8));
  CHECK(tilt.divergence == Approx(0.8 * std::log(0.8 / 0.488) + 0.2 * std::log(0.2 / 0.512)));
}

TEST_CASE("Without beta the tilt is the data") {
  const auto tilt = evaluation::exact_tilt(numbers({-4, 0, 1}), 0.0);

  CHECK(tilt.mean_reward == Approx(-1.0));
  CHECK(tilt.divergence == Approx(0.0).margin(1e-15));
  CHECK(tilt.effective_rows == Approx(3.0));
}

TEST_CASE("The least divergence at a mean reward is that of the tilt that reaches it") {
  const auto rewards = numbers({-3, -1, 0, 0.5, 2});
  const auto tilt = evaluation::exact_tilt(rewards, 1.7);

  const auto least = evaluation::least_divergence(rewards, tilt.mean_reward);

  REQUIRE(least);
  CHECK(least->beta == Approx(1.7));
  CHECK(least->divergence == Approx(tilt.divergence));
}

TEST_CASE(
    "Mean rewards below the data's cost nothing, and above the best row's cannot be reached") {
  const auto rewards = numbers({0, 1, 2});

  CHECK(evaluation::least_divergence(rewards, 0.5)->divergence == Approx(0.0).margin(1e-12));
  CHECK(evaluation::least_divergence(rewards, 2.0)->divergence == Approx(std::log(3.0)));
  CHECK_FALSE(evaluation::least_divergence(rewards, 2.1));
  CHECK_FALSE(evaluation::least_divergence(numbers({1, 1}), 1.5));
}

TEST_CASE("The share reached runs from 0 at the data to 1 at the tilt") {
  CHECK(*evaluation::share_reached(2.0, 2.0, 4.0) == 0.0);
  CHECK(*evaluation::share_reached(3.5, 2.0, 4.0) == Approx(0.75));
  CHECK_FALSE(evaluation::share_reached(3.0, 2.0, 2.0));
}

TEST_CASE("Label agreement counts overall and per label asked for") {
  const auto data_label = torch::tensor({5, 5, 9}, torch::kInt64);
  const auto nearest = neighbours({1, 1, 1, 1}, {0, 2, 2, 1});
  const auto asked = torch::tensor({5, 5, 9, 5}, torch::kInt64);

  const auto found = evaluation::label_agreement(nearest, asked, data_label);

  CHECK(*found.overall.fraction == Approx(0.75));
  CHECK(*found.overall.standard_error == Approx(std::sqrt(0.75 * 0.25 / 4.0)));
  CHECK(*found.by_label.at(5).fraction == Approx(2.0 / 3.0));
  CHECK(*found.by_label.at(9).fraction == 1.0);
  CHECK(found.by_label.size() == 2);
}

TEST_CASE("Memorisation compares distances and counts copies relative to the data's spread") {
  const auto to_data = neighbours({0, 1e-4, 2.0 - 1e-4, 2.0}, {0, 0, 0, 0});
  const auto within_data = neighbours({1, 3}, {1, 0});

  const auto small = evaluation::memorisation(to_data, within_data, 1.0);
  const auto wide = evaluation::memorisation(to_data, within_data, 1000.0);

  CHECK(*small.ratio == Approx(0.5));
  CHECK(small.copies == 1);
  CHECK(wide.copies == 2);
}

TEST_CASE("The spread of points is their root mean squared distance from the mean") {
  CHECK(evaluation::spread_of(torch::tensor({{10.0F, 3.0F}, {10.0F, -3.0F}})) == Approx(3.0));
}

}  // namespace
