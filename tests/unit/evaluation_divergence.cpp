// SPDX-License-Identifier: MIT
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/evaluation/divergence.hpp>

#include "support/catch.hpp"

namespace {

using namespace tropism;
using evaluation::DivergenceForm;
using evaluation::estimate_divergence;

torch::Tensor random_points(std::int64_t rows, std::int64_t dimension, std::int64_t step) {
  const base::RandomStream random(11, base::Purpose::evaluation);
  return random.normal(0, step, rows, dimension);
}

torch::Tensor column(std::initializer_list<float> values) {
  return torch::tensor(std::vector<float>(values)).view({-1, 1});
}

TEST_CASE("The divergence of a few points is that of the published formula") {
  const auto x = column({0.0F, 1.0F, 4.0F});
  const auto y = column({0.5F, 7.0F});

  const auto nearest = estimate_divergence(x, y, 1);
  const auto second = estimate_divergence(x, y, 2);

  // rho = 1, 1, 3 and nu = 0.5, 0.5, 3; log(m / (n-1)) = 0.
  CHECK(*nearest.value == Approx((std::log(0.5) + std::log(0.5) + 0.0) / 3.0));
  // rho = 4, 3, 4 and nu = 7, 6, 3.5.
  CHECK(*second.value == Approx((std::log(7.0 / 4.0) + std::log(2.0) + std::log(3.5 / 4.0)) / 3.0));
}

TEST_CASE("Scaling and shifting both sets leaves the divergence as it is") {
  const auto x = random_points(80, 3, 0);
  const auto y = random_points(120, 3, 1);

  const auto moved = estimate_divergence(x * 4.0F + 8.0F, y * 4.0F + 8.0F, 1);

  CHECK(*moved.value == Approx(*estimate_divergence(x, y, 1).value).epsilon(1e-4));
}

TEST_CASE("Duplicates are counted, and the divergence stays finite and grows") {
  const auto x = random_points(100, 2, 0);
  const auto y = random_points(100, 2, 1);
  const auto repeated = x.narrow(0, 0, 20).repeat({5, 1});

  const auto once = estimate_divergence(x, y, 1);
  const auto often = estimate_divergence(repeated, y, 1);

  CHECK(once.duplicates == 0);
  CHECK(often.duplicates == 100);
  CHECK(often.points == 100);
  CHECK(std::isfinite(*often.value));
  CHECK(*often.value > *once.value);
}

TEST_CASE("A point with duplicates uses its next distinct neighbour and that one's rank") {
  const auto x = column({0.0F, 0.0F, 2.0F});
  const auto y = column({5.0F, 9.0F});

  const auto found = estimate_divergence(x, y, 1);

  // rho = 2 at rank 2 (twice), 2 at rank 1; nu = 5, 5, 3 at rank 1; psi(2) - psi(1) = 1.
  CHECK(*found.value == Approx((2.0 * (std::log(2.5) + 1.0) + std::log(1.5)) / 3.0));
  CHECK(found.duplicates == 2);
}

TEST_CASE("Copies of the data are counted and do not make the divergence minus infinity") {
  const auto y = random_points(200, 2, 0);

  const auto found = estimate_divergence(y.narrow(0, 0, 100), y, 1);

  CHECK(found.copies == 100);
  CHECK(found.duplicates == 0);
  CHECK(std::isfinite(*found.value));
  CHECK(std::abs(*found.value) < 1.0);
}

TEST_CASE("Samples that are all one point have no divergence") {
  const auto found = estimate_divergence(torch::ones({30, 2}), random_points(30, 2, 0), 1);

  CHECK_FALSE(found.value);
  CHECK(found.left_out == 30);
  CHECK(found.duplicates == 30);
}

TEST_CASE("Data that are all one point serve as neighbours except of their copies") {
  const auto x = column({0.0F, 1.0F, 3.0F});

  const auto found = estimate_divergence(x, torch::zeros({4, 1}), 2);

  // x_0 is left out. rho = 2, 3 at rank 2; nu = 1, 3 at rank 2; log(4/2) each.
  CHECK(found.left_out == 1);
  CHECK(*found.value == Approx(0.5 * (std::log(0.5) + std::log(1.0)) + std::log(2.0)));
}

TEST_CASE("Too few points have no divergence") {
  const auto x = random_points(3, 2, 0);

  CHECK_FALSE(estimate_divergence(x, x.narrow(0, 0, 1), 2).value);
  CHECK_FALSE(estimate_divergence(x.narrow(0, 0, 2), x, 2).value);
}

TEST_CASE("The order of the samples does not bind the batches") {
  const auto x = std::get<0>(random_points(600, 1, 0).sort(0));
  const auto y = std::get<0>(random_points(300, 1, 1).sort(0));

  const auto found = evaluation::estimate_matched_divergence(x, y, 1, {100});

  // Sorted and cut in six, each batch would cover a sixth of the data: a KL of log 6.
  CHECK(found.batches == 6);
  CHECK(std::abs(*found.mean) < 0.5);
  CHECK(*found.standard_error > 0.0);
}

TEST_CASE("Sets of different size are compared by as many points of each") {
  const auto more = random_points(500, 2, 0);
  const auto few = random_points(120, 2, 1);

  CHECK(evaluation::estimate_matched_divergence(more, few, 1, {100}).whole.points == 120);
  CHECK(evaluation::estimate_matched_divergence(few, more, 1, {100}).whole.points == 120);
  CHECK(evaluation::estimate_matched_divergence(more, few, 1, {300}).batch == 120);
}

TEST_CASE("Sets of equal size are compared as a whole by the published formula") {
  const auto x = random_points(200, 2, 0);
  const auto y = random_points(200, 2, 1);

  const auto found = evaluation::estimate_matched_divergence(x, y, 2, {50});

  CHECK(*found.whole.value == Approx(*estimate_divergence(x, y, 2).value));
}

TEST_CASE("Data on a line in space have no divergence from more of the same") {
  const auto direction = torch::tensor({1.0F, -2.0F, 3.0F, 0.5F}).unsqueeze(0);
  const auto x = random_points(3000, 1, 0) * direction;
  const auto y = random_points(300, 1, 1) * direction;

  const auto found = evaluation::estimate_matched_divergence(x, y, 1, {300});

  // Unmatched sizes would be off by (4/1 - 1) log 10 = 6.9.
  CHECK(std::abs(*found.whole.value) < 1.5);
  CHECK(std::abs(*found.mean) < 1.5);
}

TEST_CASE("A single batch has a mean and no standard error") {
  const auto x = random_points(150, 2, 0);

  const auto found = evaluation::estimate_matched_divergence(x, random_points(150, 2, 1), 1, {100});

  CHECK(found.batches == 1);
  CHECK(found.mean);
  CHECK_FALSE(found.standard_error);
}

TEST_CASE("The bias-reduced form counts both sets in one ball around each point") {
  const auto x = column({0.0F, 1.0F, 4.0F});
  const auto y = column({0.5F, 0.875F, 7.0F});

  const auto found = estimate_divergence(x, y, 1, DivergenceForm::bias_reduced);

  // Radii 1, 1, 3 with l = 1, 1, 1 and k = 2, 2, 1 points; psi(1) - psi(2) = -1.
  CHECK(*found.value == Approx((std::log(0.875) + std::log(0.5) - 2.0) / 3.0 + std::log(1.5)));
}

TEST_CASE("The bias-reduced form leaves itself and infinite distances out, and counts duplicates") {
  const auto x = column({0.0F, 0.0F, 2.0F});

  const auto found = estimate_divergence(x, column({5.0F, 9.0F}), 1, DivergenceForm::bias_reduced);
  const auto none = estimate_divergence(torch::ones({4, 1}), x, 1, DivergenceForm::bias_reduced);

  // Radii 5, 5, 3 hold l = 2, 2, 2 other points, the farthest at 2, 2, 2; k = 1 with psi(2) -
  // psi(1) = 1.
  CHECK(*found.value == Approx((2.0 * std::log(2.5) + std::log(1.5)) / 3.0 + 1.0));
  CHECK(found.duplicates == 2);
  CHECK_FALSE(none.value);
  CHECK(none.left_out == 4);
}

TEST_CASE("Duplicates are all rows that occur more than once") {
  CHECK(evaluation::count_duplicates(column({1.0F, 2.0F, 1.0F, 3.0F, 2.0F, 1.0F})) == 5);
  CHECK(evaluation::count_duplicates(column({1.0F, 2.0F})) == 0);
}

}  // namespace
