// SPDX-License-Identifier: MIT
#include <tropism/conditional/guidance.hpp>

#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/sampling/sampler.hpp>
#include <tropism/score/gaussian_mixture.hpp>

#include "support/catch.hpp"

namespace {

using namespace tropism;
using conditional::GuidedScore;
using Score = std::shared_ptr<const score::ScoreFunction>;

const auto process = std::make_shared<diffusion::OrnsteinUhlenbeck>(5.0, 1.0, std::sqrt(2.0));

/// Exact scores of N(mean, variance I), noised.
Score gaussian(std::vector<double> mean, double variance) {
  const auto means = torch::tensor(mean, torch::kFloat64).unsqueeze(0);
  return std::make_shared<score::MixtureScore>(
      process, score::GaussianMixture{torch::ones({1}, torch::kFloat64), means,
                                      torch::full({1}, variance, torch::kFloat64)});
}

torch::Tensor some_points() {
  return base::RandomStream(3, base::Purpose::evaluation).normal(0, 0, 50, 2).to(torch::kFloat64) *
         3.0;
}

torch::Tensor times(double t) {
  return torch::full({50}, t, torch::kFloat64);
}

TEST_CASE("Guidance of Gaussians of equal variance is a Gaussian whose mean is extrapolated") {
  const auto guided = gaussian({3.0, -1.0}, 0.5);
  const auto guide = gaussian({1.0, 1.0}, 0.5);
  const double w = GENERATE(-0.5, 0.3, 2.5);

  const GuidedScore found(guided, guide, w);

  // m = m_guide + w (m_guided - m_guide), at every noise time.
  const auto expected = gaussian({1.0 + 2.0 * w, 1.0 - 2.0 * w}, 0.5);
  for (const double t : {0.01, 0.7, 4.0})
    CHECK(found.score(some_points(), times(t))
              .allclose(expected->score(some_points(), times(t)), 1e-9, 1e-9));
}

TEST_CASE("Guidance of Gaussians of different variance extrapolates the precision") {
  const auto guided = gaussian({2.0, 0.0}, 0.25);
  const auto guide = gaussian({0.0, 0.0}, 4.0);
  const double w = 1.5;
  const double t = 0.6;

  const GuidedScore found(guided, guide, w);

  // At time t the variances are a^2 V + v; s = -P (x - m) with the precision and mean of the
  // header.
  const double a = std::exp(-t);
  const double v = 1.0 - std::exp(-2.0 * t);
  const double guided_precision = w / (a * a * 0.25 + v);
  const double precision = (1.0 - w) / (a * a * 4.0 + v) + guided_precision;
  const auto mean = torch::tensor({2.0 * a * guided_precision / precision, 0.0}, torch::kFloat64);
  const auto x = some_points();
  CHECK(found.score(x, times(t)).allclose((mean - x) * precision, 1e-9, 1e-9));
}

TEST_CASE("Weights 0 and 1 are the guide and the guided score to the last bit") {
  const auto guided = gaussian({2.0, 0.0}, 0.25);
  const auto guide = gaussian({0.0, 1.0}, 4.0);
  const auto x = some_points();

  CHECK(GuidedScore(guided, guide, 1.0).score(x, times(1.0)).equal(guided->score(x, times(1.0))));
  CHECK(GuidedScore(guided, guide, 0.0).score(x, times(1.0)).equal(guide->score(x, times(1.0))));
}

TEST_CASE("A sampler draws the extrapolated Gaussian, sample by sample") {
  const sampling::Sampler sampler = {
      .process = process,
      .grid = diffusion::TimeGrid({5.0, 3.0, 2.0, 1.2, 0.7, 0.4, 0.2, 0.1, 0.0}),
      .simulator = diffusion::make_simulator({}),
      .dimension = 2};
  const auto drawn_by = [&sampler](const Score& score) {
    return sampling::draw_samples(sampler, [&score](comm::RowRange) { return score; }, {0, 960});
  };

  const auto guided = drawn_by(
      std::make_shared<GuidedScore>(gaussian({1.0, 0.0}, 0.5), gaussian({0.0, 0.0}, 0.5), 3.0));

  CHECK(guided.allclose(drawn_by(gaussian({3.0, 0.0}, 0.5)), 1e-4, 1e-4));
  CHECK(guided.select(1, 0).mean().item<double>() == Approx(3.0).margin(0.2));
}

TEST_CASE("A weight that is not finite, or a missing score function, is refused") {
  const auto some = gaussian({0.0, 0.0}, 1.0);

  CHECK_THROWS_AS(GuidedScore(some, some, INFINITY), base::ContractError);
  CHECK_THROWS_AS(GuidedScore(some, nullptr, 1.0), base::ContractError);
}

}  // namespace
