// SPDX-License-Identifier: MIT
// Our Adam against LibTorch's, and the schedule of its rates.
#include <tropism/training/adam.hpp>

#include <torch/optim.h>

#include <cmath>

#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using training::Adam;
using training::OptimizerConfig;

constexpr std::int64_t policy_size = 5, size = 8, num_steps = 6;

OptimizerConfig config() {
  return {.learning_rate = 0.1,
          .value_learning_rate = 0.03,
          .beta1 = 0.8,
          .beta2 = 0.95,
          .epsilon = 1e-3};
}

torch::Tensor start() {
  return test::normal_points(1, size, 1).squeeze(0);
}

/// Large in some steps, small in others.
torch::Tensor gradient(std::int64_t step) {
  return test::normal_points(1, size, 10 + step).squeeze(0) * (step % 2 == 0 ? 3.0 : 0.2);
}

/// LibTorch's Adam on the parameters [first, first + count) alone; `clip` = 0 clips nothing.
torch::Tensor by_libtorch(std::int64_t first, std::int64_t count, double rate, double clip) {
  const auto part = [&](const torch::Tensor& t) { return t.narrow(0, first, count).clone(); };
  auto values = part(start()).requires_grad_(true);
  torch::optim::Adam adam(std::vector<torch::Tensor>{values},
                          torch::optim::AdamOptions(rate).betas({0.8, 0.95}).eps(1e-3));
  for (std::int64_t step = 0; step < num_steps; ++step) {
    auto wanted = part(gradient(step));
    const double norm = wanted.norm().item<double>();
    if (clip > 0.0 && norm > clip) wanted = wanted * (clip / norm);
    values.mutable_grad() = wanted;
    adam.step();
  }
  return values.detach();
}

torch::Tensor by_us(const OptimizerConfig& with, double factor = 1.0) {
  auto values = start();
  Adam adam(with, policy_size, size);
  for (std::int64_t step = 0; step < num_steps; ++step) adam.step(values, gradient(step), factor);
  return values;
}

TEST_CASE("Adam takes the steps of LibTorch's, policy and value each at its own rate") {
  const auto values = by_us(config());

  const auto expected = torch::cat({by_libtorch(0, policy_size, 0.1, 0.0),
                                    by_libtorch(policy_size, size - policy_size, 0.03, 0.0)});
  CHECK(test::largest_difference(values, expected) < 1e-6);
}

TEST_CASE("The gradient of each network is clipped by its own norm, and only where it is larger") {
  auto clipped = config();
  clipped.clip_norm = 0.9;

  const auto values = by_us(clipped);

  const auto expected = torch::cat({by_libtorch(0, policy_size, 0.1, 0.9),
                                    by_libtorch(policy_size, size - policy_size, 0.03, 0.9)});
  CHECK(test::largest_difference(values, expected) < 1e-6);
  CHECK(test::largest_difference(values, by_us(config())) > 1e-3);
}

TEST_CASE("The schedule's factor scales both rates") {
  const auto values = by_us(config(), 0.25);

  const auto expected = torch::cat({by_libtorch(0, policy_size, 0.025, 0.0),
                                    by_libtorch(policy_size, size - policy_size, 0.0075, 0.0)});
  CHECK(test::largest_difference(values, expected) < 1e-6);
}

TEST_CASE("A model without a value network has parameters of the policy alone") {
  auto values = start();
  Adam adam(config(), size, size);

  for (std::int64_t step = 0; step < num_steps; ++step) adam.step(values, gradient(step), 1.0);

  CHECK(test::largest_difference(values, by_libtorch(0, size, 0.1, 0.0)) < 1e-6);
}

TEST_CASE("An Adam that takes over another's moments and count goes on as that one") {
  auto values = start();
  Adam first(config(), policy_size, size);
  for (std::int64_t step = 0; step < 2; ++step) first.step(values, gradient(step), 1.0);

  Adam second(config(), policy_size, size);
  second.first_moment.copy_(first.first_moment);
  second.second_moment.copy_(first.second_moment);
  second.steps = first.steps;
  for (std::int64_t step = 2; step < num_steps; ++step) second.step(values, gradient(step), 1.0);

  CHECK(values.equal(by_us(config())));
  CHECK(second.steps == num_steps);
}

TEST_CASE("The cosine schedule falls from 1 by half at half time; the constant one stays") {
  const OptimizerConfig cosine = {.schedule = "cosine"}, constant = {.schedule = "constant"};

  CHECK(training::rate_factor(cosine, 0, 100) == 1.0);
  CHECK(training::rate_factor(cosine, 25, 100) == Approx(0.5 + 0.25 * std::sqrt(2.0)));
  CHECK(training::rate_factor(cosine, 50, 100) == Approx(0.5));
  CHECK(training::rate_factor(cosine, 99, 100) == Approx(2.467e-4).epsilon(1e-3));
  CHECK(training::rate_factor(constant, 99, 100) == 1.0);
}

}  // namespace
