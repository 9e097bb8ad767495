// SPDX-License-Identifier: MIT
#include <tropism/reward/reward.hpp>

#include <cmath>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using reward::make_reward;
using reward::RewardConfig;

torch::Tensor points() {
  return torch::tensor({{0.0F, 0.0F}, {1.0F, 2.0F}, {-3.0F, 0.5F}});
}

torch::Tensor rewards(const RewardConfig& config) {
  return make_reward(config, 2)->evaluate(points());
}

std::string refused(const RewardConfig& config) {
  return test::message_of<base::ConfigError>([&] { return make_reward(config, 2); });
}

TEST_CASE("The quadratic reward is minus the squared distance to the target") {
  const auto each = rewards({.kind = "quadratic", .target = {1.0, -1.0}});
  const auto same = rewards({.kind = "quadratic", .target = {2.0}});

  CHECK(torch::allclose(each, torch::tensor({-2.0F, -9.0F, -18.25F})));
  CHECK(torch::allclose(same, torch::tensor({-8.0F, -1.0F, -27.25F})));
}

TEST_CASE("The linear reward is the weighted sum of the coordinates") {
  const auto each = rewards({.kind = "linear", .weights = {2.0, -1.0}});
  const auto same = rewards({.kind = "linear", .weights = {3.0}});

  CHECK(torch::allclose(each, torch::tensor({0.0F, 0.0F, -6.5F})));
  CHECK(torch::allclose(same, torch::tensor({0.0F, 9.0F, -7.5F})));
}

TEST_CASE("The mean intensity is the mean of the coordinates") {
  CHECK(torch::allclose(rewards({.kind = "mean-intensity"}), torch::tensor({0.0F, 1.5F, -1.25F})));
}

TEST_CASE("The box reward is 1 inside and on the edge, and bounds the first coordinates only") {
  const auto strip = rewards({.kind = "box", .low = {0.0}, .high = {1.0}});
  const auto box = rewards({.kind = "box", .low = {-5.0, 0.1}, .high = {0.5, 1.0}});

  CHECK(torch::equal(strip, torch::tensor({1.0F, 1.0F, 0.0F})));
  CHECK(torch::equal(box, torch::tensor({0.0F, 0.0F, 1.0F})));
}

TEST_CASE("No reward is 0 everywhere") {
  CHECK(torch::equal(rewards({}), torch::zeros({3})));
}

TEST_CASE("Smooth rewards have their gradient, also in double precision") {
  const auto gradient = [](const RewardConfig& config) {
    auto x = points().to(torch::kFloat64).requires_grad_(true);
    make_reward(config, 2)->evaluate(x).sum().backward();
    return x.grad();
  };
  const auto x = points().to(torch::kFloat64);

  const auto quadratic = gradient({.kind = "quadratic", .target = {1.0, -1.0}});
  const auto linear = gradient({.kind = "linear", .weights = {2.0, -1.0}});

  CHECK(torch::allclose(quadratic, -2.0 * (x - torch::tensor({1.0, -1.0}, torch::kFloat64))));
  CHECK(torch::allclose(linear, torch::tensor({2.0, -1.0}, torch::kFloat64).expand({3, 2})));
}

TEST_CASE("A reward in original units sees scaled points at offset + factor x") {
  const auto original = make_reward({.kind = "quadratic", .target = {1.0, -1.0}}, 2);

  const auto scaled =
      reward::in_scaled_units(original, torch::tensor({1.0F, 2.0F}), torch::tensor({0.5F, 4.0F}));

  const auto seen = torch::tensor({{1.0F, 2.0F}, {1.5F, 10.0F}, {-0.5F, 4.0F}});
  CHECK(torch::allclose(scaled->evaluate(points()), original->evaluate(seen)));
}

TEST_CASE("Lists that do not fit the dimension are refused with their key") {
  CHECK(test::contains(refused({.kind = "quadratic", .target = {1.0, 2.0, 3.0}}), "target"));
  CHECK(test::contains(refused({.kind = "linear", .weights = {1.0, 2.0, 3.0}}), "weights"));
  CHECK(test::contains(refused({.kind = "box", .low = {0.0, 0.0, 0.0}, .high = {1.0, 1.0, 1.0}}),
                       "low"));
}

TEST_CASE("A reward that makes no sense is refused with its key") {
  CHECK(test::contains(refused({.kind = "quadratics"}), "[reward] kind"));
  CHECK(test::contains(refused({.kind = "quadratic"}), "[reward] target"));
  CHECK(test::contains(refused({.kind = "linear"}), "[reward] weights"));
  CHECK(test::contains(refused({.beta = -1.0}), "[reward] beta"));
  CHECK(test::contains(refused({.kind = "box", .low = {0.0}}), "[reward] high"));
  CHECK(test::contains(refused({.kind = "box", .low = {1.0}, .high = {1.0}}), "[reward] low"));
  CHECK(
      test::contains(refused({.kind = "quadratic", .target = {std::nan("")}}), "[reward] target"));
}

}  // namespace
