// SPDX-License-Identifier: MIT
#include <cmath>
#include <functional>

#include <tropism/base/random.hpp>
#include <tropism/evaluation/distances.hpp>
#include <tropism/evaluation/moments.hpp>

#include "support/catch.hpp"

namespace {

using namespace tropism;
using evaluation::WassersteinOrder;

/// What is compared: N(shift e_1, sd^2 I) with N(0, I).
struct GaussianPair {
  std::int64_t dimension;
  double shift;
  double sd;
};

torch::Tensor standard_normal(std::int64_t rows, std::int64_t dimension, std::int64_t step) {
  const base::RandomStream random(29, base::Purpose::evaluation);
  return random.normal(0, step, rows, dimension);
}

using Estimate = std::function<double(const torch::Tensor& x, const torch::Tensor& y)>;

/// Independent estimates, each from new points.
evaluation::Moments repeated(const GaussianPair& pair, std::int64_t points,
                             const Estimate& estimate) {
  constexpr std::int64_t repetitions = 40;
  auto values = torch::empty({repetitions}, torch::kFloat64);
  for (std::int64_t repetition = 0; repetition < repetitions; ++repetition) {
    auto x = standard_normal(points, pair.dimension, 2 * repetition) * pair.sd;
    x.select(1, 0).add_(pair.shift);
    values[repetition] = estimate(x, standard_normal(points, pair.dimension, 2 * repetition + 1));
  }
  return evaluation::moments_of(values);
}

/// E k(X, Y) of Gaussians whose means are `shift` apart and whose variances add up to `variance`.
double mean_kernel(double dimension, double shift, double variance, double bandwidth) {
  const double width = bandwidth * bandwidth + variance;
  return std::pow(bandwidth * bandwidth / width, dimension / 2.0) *
         std::exp(-shift * shift / (2.0 * width));
}

double exact_discrepancy(const GaussianPair& pair, double bandwidth) {
  const auto dimension = static_cast<double>(pair.dimension);
  const double variance = pair.sd * pair.sd;
  return mean_kernel(dimension, 0.0, 2.0 * variance, bandwidth) +
         mean_kernel(dimension, 0.0, 2.0, bandwidth) -
         2.0 * mean_kernel(dimension, pair.shift, 1.0 + variance, bandwidth);
}

/// E|Z| of Z ~ N(mean, variance).
double mean_absolute(double mean, double variance) {
  return std::sqrt(2.0 * variance / M_PI) * std::exp(-mean * mean / (2.0 * variance)) +
         mean * std::erf(mean / std::sqrt(2.0 * variance));
}

double exact_energy(const GaussianPair& pair) {
  const double variance = pair.sd * pair.sd;
  return 2.0 * mean_absolute(pair.shift, 1.0 + variance) - mean_absolute(0.0, 2.0 * variance) -
         mean_absolute(0.0, 2.0);
}

/// E|u_1| of a direction u uniform over the sphere.
double mean_first_coordinate(double dimension) {
  return std::tgamma(dimension / 2.0) / (std::sqrt(M_PI) * std::tgamma((dimension + 1.0) / 2.0));
}

TEST_CASE("The mean discrepancy of Gaussians is met within its standard error") {
  const auto pair = GENERATE(GaussianPair{1, 0.0, 1.0}, GaussianPair{1, 1.0, 1.0},
                             GaussianPair{2, 0.5, 0.7}, GaussianPair{16, 1.0, 1.3});
  const double bandwidth = 1.5;

  const auto found = repeated(pair, 400, [bandwidth](const auto& x, const auto& y) {
    return *evaluation::squared_mean_discrepancy(x, y, bandwidth);
  });

  CHECK(std::abs(*found.mean - exact_discrepancy(pair, bandwidth)) < 6.0 * *found.standard_error);
}

TEST_CASE("The energy distance of Gaussians on a line is met within its standard error") {
  const auto pair =
      GENERATE(GaussianPair{1, 0.0, 1.0}, GaussianPair{1, 1.0, 1.0}, GaussianPair{1, 0.5, 0.5});

  const auto found = repeated(
      pair, 400, [](const auto& x, const auto& y) { return *evaluation::energy_distance(x, y); });

  CHECK(std::abs(*found.mean - exact_energy(pair)) < 6.0 * *found.standard_error);
}

TEST_CASE("Unequal Gaussians are told apart in 64 dimensions, and equal ones are not") {
  const auto energy = [](const auto& x, const auto& y) {
    return *evaluation::energy_distance(x, y);
  };

  const auto equal = repeated({64, 0.0, 1.0}, 200, energy);
  const auto shifted = repeated({64, 1.0, 1.0}, 200, energy);

  CHECK(std::abs(*equal.mean) < 6.0 * *equal.standard_error);
  CHECK(*shifted.mean > 10.0 * *shifted.standard_error);
}

TEST_CASE("The sliced distance of shifted Gaussians is that of the shift along the directions") {
  const std::int64_t dimension = GENERATE(2, 8);
  const double shift = 3.0;
  const auto directions = evaluation::random_directions(5, 2000, dimension);
  const auto x = standard_normal(2000, dimension, 0);
  auto y = x.clone();
  y.select(1, 0).add_(shift);

  const double first = *evaluation::sliced_wasserstein(x, y, directions, WassersteinOrder::first);
  const double second = *evaluation::sliced_wasserstein(x, y, directions, WassersteinOrder::second);

  // The same points shifted: W_p along u is shift |u_1| exactly; only the directions are random.
  const auto along = evaluation::moments_of(directions.select(1, 0).abs() * shift);
  const auto squared = evaluation::moments_of(directions.select(1, 0).square() * shift * shift);
  const auto d = static_cast<double>(dimension);
  CHECK(std::abs(first - shift * mean_first_coordinate(d)) < 6.0 * *along.standard_error);
  CHECK(std::abs(second * second - shift * shift / d) < 6.0 * *squared.standard_error);
}

TEST_CASE("The sliced distance of Gaussians of different spread is that on a line") {
  const GaussianPair pair{8, 0.0, 2.0};
  const auto directions = evaluation::random_directions(5, 50, 8);
  const auto of_order = [&directions, &pair](WassersteinOrder order) {
    return repeated(pair, 2000, [&](const auto& x, const auto& y) {
      return *evaluation::sliced_wasserstein(x, y, directions, order);
    });
  };

  const auto first = of_order(WassersteinOrder::first);
  const auto second = of_order(WassersteinOrder::second);

  // Quantiles sd z and z: W_1 = |sd - 1| E|Z|, W_2 = |sd - 1|. Bias at 2,000 points: below 0.02.
  CHECK(std::abs(*first.mean - std::sqrt(2.0 / M_PI)) < 6.0 * *first.standard_error + 0.02);
  CHECK(std::abs(*second.mean - 1.0) < 6.0 * *second.standard_error + 0.02);
}

}  // namespace
