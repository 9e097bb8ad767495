// SPDX-License-Identifier: MIT
#include <cmath>

#include <tropism/base/random.hpp>
#include <tropism/evaluation/divergence.hpp>
#include <tropism/evaluation/moments.hpp>

#include "support/catch.hpp"

namespace {

using namespace tropism;
using evaluation::DivergenceForm;

/// What is compared: N(shift, sd^2) in the first coordinate, N(0, 1) in the others, with N(0, I).
struct GaussianPair {
  std::int64_t dimension;
  double shift;
  double sd;

  [[nodiscard]] double exact() const {
    return 0.5 * (sd * sd + shift * shift - 1.0) - std::log(sd);
  }
};

torch::Tensor standard_normal(std::int64_t rows, std::int64_t dimension, std::int64_t step) {
  const base::RandomStream random(3, base::Purpose::evaluation);
  return random.normal(0, step, rows, dimension);
}

/// Independent estimates, each from new points.
evaluation::Moments repeated_estimates(const GaussianPair& pair, std::int64_t points,
                                       std::int64_t k,
                                       DivergenceForm form = DivergenceForm::plain) {
  constexpr std::int64_t repetitions = 40;
  auto values = torch::empty({repetitions}, torch::kFloat64);
  for (std::int64_t repetition = 0; repetition < repetitions; ++repetition) {
    auto x = standard_normal(points, pair.dimension, 2 * repetition);
    x.select(1, 0).mul_(pair.sd).add_(pair.shift);
    const auto y = standard_normal(points, pair.dimension, 2 * repetition + 1);
    values[repetition] = *evaluation::estimate_divergence(x, y, k, form).value;
  }
  return evaluation::moments_of(values);
}

TEST_CASE("The divergence of Gaussians in 1 and 2 dimensions is met within its standard error") {
  const auto pair =
      GENERATE(GaussianPair{1, 0.0, 1.0}, GaussianPair{1, 1.0, 1.0}, GaussianPair{1, 0.5, 0.5},
               GaussianPair{2, 0.0, 1.0}, GaussianPair{2, 1.0, 0.7});
  const auto k = GENERATE(1, 3);

  const auto found = repeated_estimates(pair, 2000, k);

  // Bias at 2,000 points: below 0.01.
  CHECK(std::abs(*found.mean - pair.exact()) < 6.0 * *found.standard_error + 0.01);
}

TEST_CASE("In 8 dimensions equal Gaussians have divergence 0 within its standard error") {
  const auto found = repeated_estimates({8, 0.0, 1.0}, 1000, 1);

  CHECK(std::abs(*found.mean) < 6.0 * *found.standard_error);
}

TEST_CASE("In 8 dimensions the divergence of Gaussians is met within its known bias towards 0") {
  const GaussianPair pair{8, std::sqrt(2.0), 1.0};

  const auto found = repeated_estimates(pair, 2000, 1);

  CHECK(*found.mean < pair.exact() + 6.0 * *found.standard_error);
  CHECK(*found.mean > 0.7 * pair.exact());
}

TEST_CASE("The bias-reduced form meets the divergence of Gaussians within its standard error") {
  const auto pair =
      GENERATE(GaussianPair{1, 0.0, 1.0}, GaussianPair{1, 0.5, 0.5}, GaussianPair{2, 1.0, 0.7});

  const auto found = repeated_estimates(pair, 1000, 1, DivergenceForm::bias_reduced);

  // Bias at 1,000 points: below 0.01.
  CHECK(std::abs(*found.mean - pair.exact()) < 6.0 * *found.standard_error + 0.01);
}

TEST_CASE("Where p is wider than q the bias-reduced form is less biased, from the same points") {
  const GaussianPair pair{1, 0.0, 2.0};

  const auto plain = repeated_estimates(pair, 500, 1);
  const auto reduced = repeated_estimates(pair, 500, 1, DivergenceForm::bias_reduced);

  // Both are below the exact 0.807: rows far out have no data around them.
  CHECK(*reduced.mean < pair.exact() - 6.0 * *reduced.standard_error);
  CHECK(*reduced.mean > *plain.mean + *plain.standard_error);
}

TEST_CASE("The standard error over batches is that of the batches' mean") {
  const GaussianPair pair{2, 1.0, 1.0};
  auto x = standard_normal(9000, 2, 0);
  x.select(1, 0).add_(pair.shift);

  const auto found =
      evaluation::estimate_matched_divergence(x, standard_normal(9000, 2, 1), 1, {300});

  // Bias at 300 points: below 0.05.
  CHECK(found.batches == 30);
  CHECK(std::abs(*found.mean - pair.exact()) < 6.0 * *found.standard_error + 0.05);
  CHECK(*found.standard_error < 0.05);
}

TEST_CASE("The standard error of one estimate is that of repeated ones within a factor of two") {
  const GaussianPair pair{2, 1.0, 1.0};
  auto x = standard_normal(2000, 2, 100);
  x.select(1, 0).add_(pair.shift);

  const auto one = evaluation::estimate_divergence(x, standard_normal(2000, 2, 101), 1);
  const double sd_of_repeated = *repeated_estimates(pair, 2000, 1).sd;

  CHECK(*one.standard_error > 0.5 * sd_of_repeated);
  CHECK(*one.standard_error < 2.0 * sd_of_repeated);
}

}  // namespace
