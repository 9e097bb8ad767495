// SPDX-License-Identifier: MIT
#include <tropism/score/gaussian_mixture.hpp>

#include <cmath>

#include "support/catch.hpp"
#include "support/reference/quadrature.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using score::GaussianMixture;
using test::toy_mixture;
using test::uneven_mixture;
using test::reference::integral;

GaussianMixture uneven_in_one_dimension() {
  return {torch::tensor({0.3, 0.7}, torch::kFloat64),
          torch::tensor({-1.0, 2.0}, torch::kFloat64).view({2, 1}),
          torch::tensor({0.4, 1.5}, torch::kFloat64)};
}

double log_density(const GaussianMixture& mixture, double x) {
  return mixture.log_density(torch::full({1, 1}, x, torch::kFloat64)).item<double>();
}

double density(const GaussianMixture& mixture, double x) {
  return std::exp(log_density(mixture, x));
}

/// p(x) e^{(beta/2) h(x)}, h(x) = -(x - target)^2
double quadratic_tilt(const GaussianMixture& mixture, double x, double beta, double target) {
  return density(mixture, x) * std::exp(-0.5 * beta * (x - target) * (x - target));
}

torch::Tensor spread_points() {
  return test::normal_points(20, 2, 0).to(torch::kFloat64) * 3.0;
}

TEST_CASE("The density of a mixture integrates to 1 and is the sum of its components") {
  const auto mixture = uneven_in_one_dimension();

  const double total = integral([&](double x) { return density(mixture, x); }, -15.0, 15.0);

  const auto normal = [](double x, double mean, double variance) {
    return std::exp(-0.5 * (x - mean) * (x - mean) / variance) / std::sqrt(2.0 * M_PI * variance);
  };
  CHECK(total == Approx(1.0).epsilon(1e-10));
  CHECK(density(mixture, 0.7) ==
        Approx(0.3 * normal(0.7, -1.0, 0.4) + 0.7 * normal(0.7, 2.0, 1.5)).epsilon(1e-12));
}

TEST_CASE("The score of a mixture is the gradient of its log-density by finite differences") {
  const auto mixture = uneven_mixture();
  const auto x = spread_points();

  const auto score = mixture.score(x);

  constexpr double h = 1e-4;
  for (std::int64_t d = 0; d < 2; ++d) {
    auto shift = torch::zeros({2}, torch::kFloat64);
    shift[d] = h;
    const auto difference =
        (mixture.log_density(x + shift) - mixture.log_density(x - shift)) / (2.0 * h);
    CHECK(test::largest_difference(score.select(1, d), difference) < 1e-6);
  }
}

TEST_CASE("A noised mixture is the law of a x + sqrt(v) xi, by quadrature of the convolution") {
  const auto mixture = uneven_in_one_dimension();
  const double a = 0.6, v = 0.3;

  const auto noised = mixture.noised(a, v);

  for (const double y : {-2.0, 0.0, 0.5, 3.0}) {
    const double convolved = integral(
        [&](double x) {
          return density(mixture, x) * std::exp(-0.5 * (y - a * x) * (y - a * x) / v) /
                 std::sqrt(2.0 * M_PI * v);
        },
        -15.0, 15.0);
    CHECK(density(noised, y) == Approx(convolved).epsilon(1e-9));
  }
}

TEST_CASE("The quadratic tilt is p e^{beta h/2} over its integral, by quadrature") {
  const auto mixture = uneven_in_one_dimension();
  const double beta = GENERATE(0.0, 0.1, 1.0, 5.0), target = GENERATE(-2.0, 6.0);
  const auto at = torch::full({1}, target, torch::kFloat64);

  const auto tilted = mixture.tilted_quadratic(beta, at);
  const double log_normaliser = mixture.log_normaliser_quadratic(beta, at);

  const double total =
      integral([&](double x) { return quadratic_tilt(mixture, x, beta, target); }, -20.0, 20.0);
  CHECK(log_normaliser == Approx(std::log(total)).margin(1e-9));
  for (const double x : {-2.0, 0.5, 3.0, 5.0})
    CHECK(density(tilted, x) ==
          Approx(quadratic_tilt(mixture, x, beta, target) / total).epsilon(1e-8));
}

TEST_CASE("In two dimensions the quadratic tilt differs from p e^{beta h/2} by its normaliser") {
  const auto mixture = uneven_mixture();
  const auto target = torch::tensor({1.0, -4.0}, torch::kFloat64);
  const auto x = spread_points();

  const auto tilted = mixture.tilted_quadratic(0.7, target);

  const auto unnormalised = mixture.log_density(x) - 0.35 * (x - target).square().sum(1);
  const auto expected = unnormalised - mixture.log_normaliser_quadratic(0.7, target);
  CHECK(test::largest_difference(tilted.log_density(x), expected) < 1e-10);
  CHECK(tilted.weights.sum().item<double>() == Approx(1.0).epsilon(1e-12));
}

TEST_CASE("The linear tilt is p e^{beta w.x/2} over its integral") {
  const auto mixture = uneven_in_one_dimension();
  const auto weights = torch::full({1}, 0.8, torch::kFloat64);
  const auto unnormalised = [&](double x) { return density(mixture, x) * std::exp(0.6 * x); };

  const auto tilted = mixture.tilted_linear(1.5, weights);

  const double total = integral(unnormalised, -20.0, 20.0);
  for (const double x : {-2.0, 0.5, 3.0, 5.0})
    CHECK(density(tilted, x) == Approx(unnormalised(x) / total).epsilon(1e-8));
}

TEST_CASE("In two dimensions the linear tilt differs from p e^{beta w.x/2} by a constant") {
  const auto mixture = uneven_mixture();
  const auto weights = torch::tensor({0.5, -1.0}, torch::kFloat64);
  const auto x = spread_points();

  const auto tilted = mixture.tilted_linear(2.0, weights);

  const auto constant = tilted.log_density(x) - mixture.log_density(x) - (x * weights).sum(1);
  CHECK((constant.max() - constant.min()).item<double>() < 1e-10);
  CHECK(tilted.weights.sum().item<double>() == Approx(1.0).epsilon(1e-12));
}

TEST_CASE("The optimum of the 1-D example at beta = 0.1 and 1 is the published closed form") {
  const auto weak = toy_mixture().tilted_quadratic(0.1, test::toy_target());
  const auto strong = toy_mixture().tilted_quadratic(1.0, test::toy_target());

  CHECK(weak.weights[0].item<double>() == Approx(0.0365).margin(5e-5));
  CHECK(weak.means[0].item<double>() == Approx(-2.182).margin(5e-4));
  CHECK(weak.means[1].item<double>() == Approx(3.273).margin(5e-4));
  CHECK(weak.variances[1].item<double>() == Approx(0.909).margin(5e-4));
  CHECK(strong.weights[0].item<double>() < 1e-5);
  CHECK(strong.means[1].item<double>() == Approx(4.5));
  CHECK(strong.variances[1].item<double>() == Approx(0.5));
}

TEST_CASE("The exact score takes each point at its own noise time and keeps the dtype") {
  const auto process = test::toy_process();
  const score::MixtureScore score(process, uneven_mixture());
  const auto x = spread_points();
  const auto t = torch::tensor({0.1, 2.0, 0.5, 0.1}, torch::kFloat64).repeat({5});

  const auto at_once = score.score(x, t);

  for (std::int64_t i = 0; i < x.size(0); ++i) {
    const double time = t[i].item<double>();
    const auto noised = uneven_mixture().noised(process->signal(time), process->variance(time));
    CHECK(test::largest_difference(at_once.narrow(0, i, 1), noised.score(x.narrow(0, i, 1))) <
          1e-12);
  }
  CHECK(at_once.dtype() == torch::kFloat64);
  CHECK(score.score(x.to(torch::kFloat32), t).dtype() == torch::kFloat32);
}

}  // namespace
