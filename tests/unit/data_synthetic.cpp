// SPDX-License-Identifier: MIT
#include <tropism/data/synthetic.hpp>

#include <cmath>
#include <numbers>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"

using namespace tropism;

namespace {

constexpr std::int64_t many = 200000;

const data::MixtureConfig two_components = {
    .weights = {3.0, 7.0}, .means = {{-3.0, 0.0}, {3.0, 1.0}}, .stds = {1.0, 0.5}};

/// 6 standard errors of a mean.
double tolerance(double standard_deviation, double rows) {
  return 6 * standard_deviation / std::sqrt(rows);
}

}  // namespace

TEST_CASE("Without noise every point of the swiss roll lies on the spiral") {
  const auto roll = data::swiss_roll(1000, 0, 1);
  const auto t = roll.x.to(torch::kFloat64).norm(2, 1);
  const auto spiral = torch::stack({t * t.cos(), t * t.sin()}, 1);

  CHECK(roll.x.to(torch::kFloat64).sub(spiral).abs().max().item<double>() < 1e-4);
  CHECK(t.min().item<double>() >= 1.5 * std::numbers::pi - 1e-4);
  CHECK(t.max().item<double>() <= 4.5 * std::numbers::pi + 1e-4);
  CHECK(std::abs(t.mean().item<double>() - 3 * std::numbers::pi) <
        tolerance(std::numbers::pi * std::sqrt(3.0) / 2, 1000));
}

TEST_CASE("The context of a point of the swiss roll is its angle on the spiral") {
  const auto roll = data::swiss_roll(1000, 0, 1);

  REQUIRE(roll.context.has_value());
  CHECK(roll.context->sizes() == at::IntArrayRef({1000, 1}));
  const auto t = roll.context->to(torch::kFloat64).squeeze(1);
  const auto spiral = torch::stack({t * t.cos(), t * t.sin()}, 1);
  CHECK(roll.x.to(torch::kFloat64).sub(spiral).abs().max().item<double>() < 1e-4);
}

TEST_CASE("The noise of the swiss roll has the asked standard deviation") {
  const auto noise = data::swiss_roll(many, 0.3, 1).x - data::swiss_roll(many, 0, 1).x;

  CHECK(std::abs(noise.std().item<double>() - 0.3) < tolerance(0.3, 2.0 * many));
}

TEST_CASE("The mixture in one dimension has the moments of 1/2 N(-3, 1) + 1/2 N(3, 1)") {
  const auto x = data::mixture_1d(many, 3).x;

  CHECK(x.sizes() == at::IntArrayRef({many, 1}));
  CHECK(std::abs(x.mean().item<double>()) < tolerance(std::sqrt(10.0), many));
  CHECK(std::abs(x.square().mean().item<double>() - 10.0) < tolerance(std::sqrt(38.0), many));
}

TEST_CASE("Components of a mixture have their weights, means and standard deviations") {
  const auto mixture = data::mixture(many, two_components, 5);
  for (std::int64_t component = 0; component < 2; ++component) {
    const auto index = static_cast<std::size_t>(component);
    const auto rows = mixture.x.index({mixture.label->eq(component)});
    const auto count = static_cast<double>(rows.size(0));
    const auto mean = torch::tensor(two_components.means[index]);

    CHECK(std::abs(count / many - two_components.weights[index] / 10) < tolerance(0.5, many));
    CHECK((rows.mean(0) - mean).abs().max().item<double>() < tolerance(1, count));
    CHECK(std::abs(rows.sub(mean).std().item<double>() - two_components.stds[index]) <
          tolerance(1, count));
  }
}

TEST_CASE("A row depends on the seed and its index, not on the number of rows") {
  const auto few = data::mixture(10, two_components, 5);
  const auto more = data::mixture(1000, two_components, 5);
  const auto other_seed = data::mixture(10, two_components, 6);

  CHECK(more.x.narrow(0, 0, 10).equal(few.x));
  CHECK(more.label->narrow(0, 0, 10).equal(*few.label));
  CHECK_FALSE(other_seed.x.equal(few.x));
}

TEST_CASE("Samples of a subspace set lie in the subspace, and their rewards are linear") {
  const data::SubspaceConfig config = {
      .dimension = 12, .latent = 4, .labelled_rows = 100, .label_noise = 0};
  const auto truth = data::subspace_truth(config, 7);
  const auto set = data::subspace(300, config, 7);
  const auto x = set.x.to(torch::kFloat64);

  CHECK(truth.basis.t().mm(truth.basis).allclose(torch::eye(4, torch::kFloat64)));
  CHECK(truth.theta.norm().item<double>() == Approx(1.0));
  CHECK((x - x.mm(truth.basis).mm(truth.basis.t())).abs().max().item<double>() < 1e-5);
  CHECK((x.mv(truth.theta) - *set.reward).narrow(0, 0, 100).abs().max().item<double>() < 1e-5);
  CHECK(set.reward->narrow(0, 100, 200).isnan().all().item<bool>());
}

TEST_CASE("Sets that cannot be are refused") {
  CHECK_THROWS_AS(data::swiss_roll(0, 0, 1), base::ConfigError);
  CHECK_THROWS_AS(data::swiss_roll(5, -1, 1), base::ConfigError);
  CHECK_THROWS_AS(data::mixture(5, {{1.0}, {{0.0}, {1.0}}, {1.0}}, 1), base::ConfigError);
  CHECK_THROWS_AS(data::mixture(5, {{1.0, -1.0}, {{0.0}, {1.0}}, {1.0, 1.0}}, 1),
                  base::ConfigError);
  CHECK_THROWS_AS(data::mixture(5, {{1.0, 1.0}, {{0.0}, {1.0, 2.0}}, {1.0, 1.0}}, 1),
                  base::ConfigError);
  CHECK_THROWS_AS(data::mixture(5, {{1.0}, {{0.0}}, {-1.0}}, 1), base::ConfigError);
  CHECK_THROWS_AS(data::subspace(5, {.dimension = 3, .latent = 4}, 1), base::ConfigError);
}
