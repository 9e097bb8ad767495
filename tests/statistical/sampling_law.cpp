// SPDX-License-Identifier: MIT
// With the exact score the sampler's law is the mixture, up to the step and the prior.
#include <cmath>

#include <tropism/sampling/sampler.hpp>

#include "support/catch.hpp"
#include "support/fields.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using sampling::LastStep;

constexpr std::int64_t num_samples = 9600;

torch::Tensor draw(const score::GaussianMixture& mixture, int steps, LastStep last_step) {
  const auto process = test::toy_process(4.0);
  const sampling::Sampler sampler = {.process = process,
                                     .grid = diffusion::make_time_grid({.steps = steps}, *process),
                                     .simulator = diffusion::make_simulator({}),
                                     .dimension = mixture.means.size(1),
                                     .seed = 12,
                                     .last_step = last_step};
  const auto score = std::make_shared<score::MixtureScore>(process, mixture);
  return sampling::draw_samples(sampler, [&](comm::RowRange) { return score; }, {0, num_samples})
      .to(torch::kFloat64);
}

/// Distribution function of a 1-D mixture.
torch::Tensor distribution(const score::GaussianMixture& mixture, const torch::Tensor& x) {
  const auto z = (x.unsqueeze(1) - mixture.means.squeeze(1)) / (2.0 * mixture.variances).sqrt();
  return (mixture.weights * 0.5 * (1.0 + z.erf())).sum(1);
}

/// The largest distance between the samples' distribution function and the exact one.
double kolmogorov_smirnov(const score::GaussianMixture& mixture, const torch::Tensor& samples) {
  const auto sorted = std::get<0>(samples.squeeze(1).sort());
  const auto exact = distribution(mixture, sorted);
  const auto places =
      torch::arange(num_samples, torch::kFloat64) / static_cast<double>(num_samples);
  const auto above = (places + 1.0 / static_cast<double>(num_samples) - exact).max();
  return std::max(above.item<double>(), (exact - places).max().item<double>());
}

/// Sum over 40 equally likely cells of (observed - expected)^2 / expected.
double chi_squared(const score::GaussianMixture& mixture, const torch::Tensor& samples) {
  const auto cells = (distribution(mixture, samples.squeeze(1)) * 40.0).to(torch::kInt64);
  const auto counts = torch::bincount(cells.clamp(0, 39), {}, 40).to(torch::kFloat64);
  const double expected = static_cast<double>(num_samples) / 40.0;
  return ((counts - expected).square() / expected).sum().item<double>();
}

TEST_CASE("With small steps samples pass the tests of Kolmogorov-Smirnov and chi-squared") {
  const auto mixture =
      GENERATE(test::toy_mixture(), test::toy_mixture().tilted_quadratic(0.1, test::toy_target()));

  const auto samples = draw(mixture, 800, LastStep::without_noise);

  // The discretisation's own share is below 0.005; 1.95 is the level of one in a thousand.
  CHECK(kolmogorov_smirnov(mixture, samples) <
        1.95 / std::sqrt(static_cast<double>(num_samples)) + 0.005);
  // 39 degrees of freedom: mean 39, sd 8.8.
  CHECK(chi_squared(mixture, samples) < 39.0 + 6.0 * std::sqrt(78.0));
}

TEST_CASE("A wrong law fails these tests") {
  const auto samples = draw(test::toy_mixture(), 200, LastStep::without_noise);
  auto wrong = test::toy_mixture();
  wrong.means = wrong.means * 1.06;

  CHECK(kolmogorov_smirnov(wrong, samples) >
        1.95 / std::sqrt(static_cast<double>(num_samples)) + 0.005);
  CHECK(chi_squared(wrong, samples) > 39.0 + 6.0 * std::sqrt(78.0));
}

TEST_CASE("In two dimensions mean and covariance are those of the mixture") {
  const auto mixture = test::uneven_mixture();

  const auto samples = draw(mixture, 400, LastStep::without_noise);

  const auto weights = mixture.weights.unsqueeze(1);
  const auto mean = (weights * mixture.means).sum(0);
  const auto centred = mixture.means - mean;
  const auto covariance =
      (weights * centred).t().mm(centred) +
      (mixture.weights * mixture.variances).sum() * torch::eye(2, torch::kFloat64);
  const auto deviation = samples - samples.mean(0);
  const auto found = deviation.t().mm(deviation) / static_cast<double>(num_samples);
  const double sd = std::sqrt(covariance.diagonal().max().item<double>());
  const double root = std::sqrt(static_cast<double>(num_samples));
  // The step's own bias is dt = 0.01 of the coordinates' size, and of their squares.
  CHECK(test::largest_difference(samples.mean(0), mean) < 6.0 * sd / root + 0.01 * sd);
  CHECK(test::largest_difference(found, covariance) < 6.0 * 2.0 * sd * sd / root + 0.02 * sd * sd);
}

/// Variance around the modes at +-3, whose exact value is 1 (the modes do not mix).
double variance_around_modes(int steps, LastStep last_step) {
  const auto samples = draw(test::toy_mixture(), steps, last_step).abs();
  return samples.var().item<double>();
}

double exact_variance_around_modes() {
  // Of |y|, y ~ N(3, 1): E y^2 - (E |y|)^2.
  const double mean = 3.0 * std::erf(3.0 / std::sqrt(2.0)) + std::sqrt(2.0 / M_PI) * std::exp(-4.5);
  return 10.0 - mean * mean;
}

TEST_CASE("The error falls with the step") {
  const auto last_step = GENERATE(LastStep::without_noise, LastStep::with_noise);
  const auto error = [&](int steps) {
    return std::abs(variance_around_modes(steps, last_step) - exact_variance_around_modes());
  };

  const double coarse = error(20), fine = error(80), finest = error(320);

  const double standard_error = std::sqrt(2.0 / static_cast<double>(num_samples));
  CHECK(coarse > 6.0 * standard_error);
  CHECK(fine < 0.5 * coarse);
  CHECK(finest < 0.125 * coarse + 6.0 * standard_error);
}

TEST_CASE("The last step's noise adds its variance g^2 dt") {
  const int steps = 20;

  const double with = variance_around_modes(steps, LastStep::with_noise),
               without = variance_around_modes(steps, LastStep::without_noise);

  // Both have the same noise before; the difference is 2 * 4/20 = 0.4 up to the chance of one draw.
  CHECK(std::abs(with - without - 0.4) <
        6.0 * 2.0 * std::sqrt(2.0 / static_cast<double>(num_samples)));
}

}  // namespace
