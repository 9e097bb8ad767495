// SPDX-License-Identifier: MIT
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/evaluation/batches.hpp>
#include <tropism/evaluation/distances.hpp>

#include "support/catch.hpp"

namespace {

using namespace tropism;
using evaluation::WassersteinOrder;

torch::Tensor random_points(std::int64_t rows, std::int64_t dimension, std::int64_t step) {
  const base::RandomStream random(17, base::Purpose::evaluation);
  return random.normal(0, step, rows, dimension);
}

torch::Tensor column(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat64).view({-1, 1});
}

/// Mean of f(|x_i - y_j|) pair by pair, without i = j if x and y are one set.
double mean_of_pairs(const torch::Tensor& x, const torch::Tensor& y, double (*f)(double)) {
  const bool same = x.is_same(y);
  double sum = 0.0;
  for (std::int64_t i = 0; i < x.size(0); ++i)
    for (std::int64_t j = 0; j < y.size(0); ++j)
      if (!same || i != j) sum += f((x[i] - y[j]).to(torch::kFloat64).norm().item<double>());
  const auto pairs = x.size(0) * (same ? x.size(0) - 1 : y.size(0));
  return sum / static_cast<double>(pairs);
}

double kernel_of_width_2(double distance) {
  return std::exp(-distance * distance / 8.0);
}

double itself(double distance) {
  return distance;
}

TEST_CASE("Mean discrepancy and energy distance are the sums over all pairs of their formulas") {
  const auto x = random_points(40, 5, 0);
  const auto y = random_points(30, 5, 1) + 0.5F;

  const double squared = *evaluation::squared_mean_discrepancy(x, y, 2.0);
  const double energy = *evaluation::energy_distance(x, y);

  CHECK(squared ==
        Approx(mean_of_pairs(x, x, kernel_of_width_2) + mean_of_pairs(y, y, kernel_of_width_2) -
               2.0 * mean_of_pairs(x, y, kernel_of_width_2)));
  CHECK(energy == Approx(2.0 * mean_of_pairs(x, y, itself) - mean_of_pairs(x, x, itself) -
                         mean_of_pairs(y, y, itself)));
}

TEST_CASE("Sets of more than one block of rows give the energy distance of points on a line") {
  const auto x = column({0.0, 1.0}).repeat({3000, 1});
  const auto y = column({0.0, 3.0}).repeat({2500, 1});

  const double energy = *evaluation::energy_distance(x, y);

  // E|X - Y| = (0 + 3 + 1 + 2) / 4; a pair i != j differs with probability n / (2 (n - 1)).
  CHECK(energy == Approx(2.0 * 1.5 - 0.5 * 6000.0 / 5999.0 - 1.5 * 5000.0 / 4999.0));
}

TEST_CASE("A common offset leaves the distances as they are") {
  const auto x = random_points(50, 3, 0).to(torch::kFloat64);
  const auto y = random_points(60, 3, 1).to(torch::kFloat64) * 1.5;
  const double offset = 3e4;

  const double squared = *evaluation::squared_mean_discrepancy(x + offset, y + offset, 1.0);
  const double energy = *evaluation::energy_distance(x + offset, y + offset);

  CHECK(squared == Approx(*evaluation::squared_mean_discrepancy(x, y, 1.0)).epsilon(1e-6));
  CHECK(energy == Approx(*evaluation::energy_distance(x, y)).epsilon(1e-6));
}

TEST_CASE("One point of either set gives neither mean discrepancy nor energy distance") {
  const auto x = random_points(9, 2, 0);

  CHECK_FALSE(evaluation::squared_mean_discrepancy(x, x.narrow(0, 0, 1), 1.0));
  CHECK_FALSE(evaluation::energy_distance(x.narrow(0, 0, 1), x));
  CHECK_THROWS_AS(evaluation::squared_mean_discrepancy(x, x, 0.0), base::ContractError);
}

TEST_CASE("The median distance is that of all pairs of both sets") {
  // 0, 1, 3, 7: distances 1, 3, 7, 2, 6, 4.
  CHECK(*evaluation::median_distance(column({0.0, 3.0}), column({1.0, 7.0})) == Approx(3.0));
  CHECK_FALSE(evaluation::median_distance(column({2.0, 2.0}), column({2.0, 2.0})));
}

TEST_CASE("The median distance of many points is near that of their distribution") {
  // |X - Y| of standard normal numbers has the median sqrt(2) * 0.67449.
  const double median =
      *evaluation::median_distance(random_points(5000, 1, 0), random_points(5000, 1, 1));

  CHECK(median == Approx(0.95387).margin(0.05));
}

TEST_CASE("On a line the sliced distance is that of the quantile functions") {
  const auto directions = column({1.0, -1.0});
  const auto x = column({5.0, 0.0, 1.0});
  const auto y = column({2.0, 0.0, 3.0});

  // Sorted: 0, 1, 5 and 0, 2, 3.
  CHECK(*evaluation::sliced_wasserstein(x, y, directions, WassersteinOrder::first) ==
        Approx(3.0 / 3.0));
  CHECK(*evaluation::sliced_wasserstein(x, y, directions, WassersteinOrder::second) ==
        Approx(std::sqrt(5.0 / 3.0)));
}

TEST_CASE("Sets of different size share the weight of their points") {
  const auto directions = column({1.0});
  const auto x = column({0.0, 6.0});
  const auto y = column({0.0, 3.0, 6.0});

  // From 0 to 0 goes 1/3, from 0 to 3 1/6, from 6 to 3 1/6, from 6 to 6 1/3.
  CHECK(*evaluation::sliced_wasserstein(x, y, directions, WassersteinOrder::first) == Approx(1.0));
  CHECK(*evaluation::sliced_wasserstein(y, x, directions, WassersteinOrder::second) ==
        Approx(std::sqrt(3.0)));
}

TEST_CASE("Repeating every point leaves the sliced distance as it is") {
  const auto directions = evaluation::random_directions(1, 20, 4);
  const auto x = random_points(30, 4, 0);
  const auto y = random_points(70, 4, 1);
  const auto order = GENERATE(WassersteinOrder::first, WassersteinOrder::second);

  const double once = *evaluation::sliced_wasserstein(x, y, directions, order);

  CHECK(*evaluation::sliced_wasserstein(x.repeat({3, 1}), y, directions, order) == Approx(once));
  CHECK(*evaluation::sliced_wasserstein(x, x.repeat({2, 1}), directions, order) ==
        Approx(0.0).margin(1e-12));
}

TEST_CASE("Directions are unit vectors, and more of them begin with the same ones") {
  const auto few = evaluation::random_directions(3, 10, 6);
  const auto more = evaluation::random_directions(3, 50, 6);

  CHECK(more.norm(2, 1).allclose(torch::ones({50}, torch::kFloat64)));
  CHECK(more.narrow(0, 0, 10).equal(few));
  CHECK_FALSE(evaluation::random_directions(4, 10, 6).equal(few));
}

TEST_CASE("Batches are as many as asked for, and each point of x is in one of them") {
  const auto x = torch::arange(70, torch::kFloat64).view({70, 1});
  const auto y = torch::zeros({40, 1}, torch::kFloat64);
  torch::Tensor seen = torch::empty({0, 1}, torch::kFloat64);
  const auto count = [&seen](const torch::Tensor& some_x, const torch::Tensor& some_y) {
    seen = torch::cat({seen, some_x});
    return std::optional<double>(static_cast<double>(some_y.size(0)));
  };

  const auto three = evaluation::mean_over_batches(x, y, {10, 3}, count);
  const auto all = evaluation::mean_over_batches(x, y, {10, 0}, count);

  CHECK(three.batches == 3);
  CHECK(all.batches == 7);
  CHECK(*all.mean == 10.0);
  CHECK(std::get<0>(seen.narrow(0, 30, 70).sort(0)).equal(x));
}

}  // namespace
