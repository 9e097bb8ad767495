// SPDX-License-Identifier: MIT
#include <tropism/base/random.hpp>

#include <cmath>
#include <cstdint>
#include <limits>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"

using tropism::base::Purpose;
using tropism::base::RandomStream;

namespace {

constexpr std::int64_t first_trajectory = 0;
constexpr std::int64_t first_step = 0;

torch::Tensor many_normals() {
  return RandomStream(7, Purpose::state_noise)
      .normal(first_trajectory, first_step, 40000, 25)
      .to(torch::kFloat64);
}

/// Average of `function` values with six standard errors around `expected`.
void check_mean(const torch::Tensor& values, double expected) {
  const double standard_error =
      values.std().item<double>() / std::sqrt(static_cast<double>(values.numel()));
  CHECK(std::abs(values.mean().item<double>() - expected) < 6 * standard_error);
}

}  // namespace

TEST_CASE("Normal numbers have the moments of the standard normal") {
  const auto z = many_normals();

  check_mean(z, 0);
  check_mean(z.pow(2), 1);
  check_mean(z.pow(3), 0);
  check_mean(z.pow(4), 3);
}

TEST_CASE("Normal numbers of neighbouring columns, rows and steps are uncorrelated") {
  const RandomStream stream(7, Purpose::state_noise);
  const auto z = many_normals();
  const auto next_step = stream.normal(first_trajectory, 1, 40000, 25).to(torch::kFloat64);

  check_mean(z.narrow(1, 0, 24) * z.narrow(1, 1, 24), 0);
  check_mean(z.narrow(0, 0, 39999) * z.narrow(0, 1, 39999), 0);
  check_mean(z * next_step, 0);
}

TEST_CASE("Normal numbers reach the tails") {
  const auto z = many_normals();

  // P(|z| > 4) = 6.334e-5
  check_mean((z.abs() > 4).to(torch::kFloat64), 6.334e-5);
  CHECK(torch::isfinite(z).all().item<bool>());
}

TEST_CASE("Uniform numbers lie strictly between 0 and 1, with the moments of that interval") {
  const RandomStream stream(8, Purpose::estimator_rows);

  const auto u = stream.uniform(first_trajectory, first_step, 40000, 25);

  CHECK(u.min().item<double>() > 0.0);
  CHECK(u.max().item<double>() < 1.0);
  check_mean(u, 0.5);
  check_mean(u.pow(2), 1.0 / 3);
}

TEST_CASE("Numbers do not depend on how the rows are split") {
  const RandomStream stream(3, Purpose::initial_state);
  const auto whole = stream.normal(5, 2, 12, 7);

  const auto pieces = torch::cat({stream.normal(5, 2, 1, 7), stream.normal(6, 2, 0, 7),
                                  stream.normal(6, 2, 8, 7), stream.normal(14, 2, 3, 7)});

  CHECK(torch::equal(whole, pieces));
}

TEST_CASE("More columns do not change the first ones") {
  const RandomStream stream(3, Purpose::initial_state);

  const auto few = stream.uniform(0, 0, 4, 3);
  const auto many = stream.uniform(0, 0, 4, 17);

  CHECK(torch::equal(few, many.narrow(1, 0, 3)));
}

TEST_CASE("Seeds, purposes, steps and trajectories beyond 32 bits have numbers of their own") {
  const std::int64_t far = std::int64_t{1} << 32;
  const RandomStream stream(3, Purpose::state_noise);
  const auto numbers = stream.uniform(0, 0, 1, 4);

  CHECK_FALSE(torch::equal(numbers, RandomStream(4, Purpose::state_noise).uniform(0, 0, 1, 4)));
  CHECK_FALSE(torch::equal(
      numbers,
      RandomStream(3 + (std::uint64_t{1} << 32), Purpose::state_noise).uniform(0, 0, 1, 4)));
  CHECK_FALSE(torch::equal(numbers, RandomStream(3, Purpose::action_noise).uniform(0, 0, 1, 4)));
  CHECK_FALSE(torch::equal(numbers, stream.uniform(0, 1, 1, 4)));
  CHECK_FALSE(torch::equal(numbers, stream.uniform(far, 0, 1, 4)));
}

TEST_CASE("The same name gives the same numbers from another stream object") {
  const auto once = RandomStream(11, Purpose::condition).normal(9, 4, 3, 5);
  const auto again = RandomStream(11, Purpose::condition).normal(9, 4, 3, 5);

  CHECK(torch::equal(once, again));
}

TEST_CASE("Normal numbers are float32 and uniform numbers float64, of the shape asked for") {
  const RandomStream stream(1, Purpose::evaluation);

  CHECK(stream.normal(0, 0, 3, 5).sizes() == torch::IntArrayRef({3, 5}));
  CHECK(stream.normal(0, 0, 3, 5).scalar_type() == torch::kFloat32);
  CHECK(stream.uniform(0, 0, 0, 5).sizes() == torch::IntArrayRef({0, 5}));
  CHECK(stream.uniform(0, 0, 3, 5).scalar_type() == torch::kFloat64);
}

TEST_CASE("A negative trajectory is refused") {
  const RandomStream stream(1, Purpose::evaluation);

  CHECK_THROWS_AS(stream.normal(-1, 0, 1, 1), tropism::base::ContractError);
}

TEST_CASE("Numbers do not depend on how many columns are asked for") {
  const RandomStream stream(3, Purpose::state_noise);
  const std::int64_t rows = 1100;  // several pieces
  const auto wide = stream.normal(9, 4, rows, 9);

  for (const std::int64_t columns : {0, 1, 2, 3, 4, 5, 7, 8})
    CHECK(torch::equal(stream.normal(9, 4, rows, columns), wide.narrow(1, 0, columns)));
  CHECK(torch::equal(stream.normal(9, 4, 3, 2500).narrow(1, 0, 9), wide.narrow(0, 0, 3)));
}
