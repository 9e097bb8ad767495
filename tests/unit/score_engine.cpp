// SPDX-License-Identifier: MIT
// Random problems: whatever the data, their order and their cuts, the estimate is that of a
// double-precision loop, and never a NaN.
#include <tropism/score/ratio_state.hpp>

#include <cmath>
#include <random>

#include "support/catch.hpp"
#include "support/reference/ratio_estimator.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using test::reference::RatioProblem;

/// Everything that may vary, drawn from a seed.
struct Case {
  RatioProblem problem;
  std::int64_t cut;  // where the data are split in two
};

torch::Tensor data_of(std::mt19937& random, std::int64_t rows, std::int64_t dimension) {
  auto x = test::normal_points(rows, dimension, static_cast<std::int64_t>(random()));
  if (random() % 4 == 0) x.narrow(0, 0, rows / 2).copy_(x.narrow(0, rows - rows / 2, rows / 2));
  if (random() % 4 == 0) x.add_(5.0);
  return x;
}

Case draw_case(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto one_of = [&](std::vector<std::int64_t> values) {
    return values[random() % values.size()];
  };
  const auto dimension = one_of({1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 64, 130, 300, 784, 3072});
  const auto rows = one_of({1, 2, 7, 63, 64, 65, 255, 256, 257, 300, 700});
  const auto queries = one_of({1, 2, 15, 16, 17, 31, 32, 33, 40});
  const double time =
      std::exp(std::uniform_real_distribution(std::log(1e-3), std::log(8.0))(random));
  Case drawn;
  auto& problem = drawn.problem;
  problem.data = data_of(random, rows, dimension);
  problem.signal = std::exp(-time);
  problem.variance = 1.0 - problem.signal * problem.signal;
  const double spread = random() % 5 == 0 ? 20.0 : 1.0;  // some queries are far away
  const auto from = torch::randint(rows, {queries});
  problem.x = problem.signal * problem.data.index_select(0, from) +
              spread * std::sqrt(problem.variance) *
                  test::normal_points(queries, dimension, static_cast<std::int64_t>(random()));
  if (random() % 2 == 0)
    problem.log_weights =
        4.0 * test::normal_points(rows, 1, static_cast<std::int64_t>(random())).squeeze(1);
  drawn.cut = static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(rows + 1));
  return drawn;
}

score::RatioState state_of(const RatioProblem& problem, const torch::Tensor& rows) {
  const auto centre = problem.data.mean(0);
  const auto select = [&](const torch::Tensor& t) {
    return t.defined() ? t.index_select(0, rows) : t;
  };
  return score::ratio_state(problem.x - centre * problem.signal, select(problem.data) - centre,
                            {problem.signal, problem.variance}, select(problem.log_weights));
}

score::RatioEstimate finish(const RatioProblem& problem, const score::RatioState& state) {
  const auto centre = problem.data.mean(0);
  return score::estimate(state, problem.x - centre * problem.signal, centre,
                         {problem.signal, problem.variance}, 0.0, torch::Tensor());
}

TEST_CASE("Any problem has the estimate of the double-precision loop") {
  const auto seed = GENERATE(range(0U, 150U));
  const auto [problem, cut] = draw_case(seed);
  const auto rows = problem.data.size(0);
  INFO("seed " << seed << ": D " << problem.data.size(1) << ", M " << rows << ", a "
               << problem.signal);

  const auto found = finish(problem, state_of(problem, torch::arange(rows)));

  const auto exact = test::reference::ratio_estimate(problem);
  const auto tolerance = test::reference::round_off(problem, exact);
  CHECK(found.score.isfinite().all().item<bool>());
  CHECK(test::within(found.score, exact.score, tolerance.score));
  CHECK(test::within(found.log_density_sum, exact.log_density_sum, tolerance.log_density_sum));
}

TEST_CASE("Any order and any cut of the data give the same estimate") {
  const auto seed = GENERATE(range(0U, 60U));
  const auto [problem, cut] = draw_case(seed);
  const auto rows = problem.data.size(0);
  INFO("seed " << seed);
  const auto order = torch::randperm(rows);

  auto merged = state_of(problem, order.narrow(0, 0, cut));
  merged.merge(state_of(problem, order.narrow(0, cut, rows - cut)));
  const auto found = finish(problem, merged);

  const auto exact = test::reference::ratio_estimate(problem);
  CHECK(test::within(found.score, exact.score, test::reference::round_off(problem, exact).score));
}

TEST_CASE("Up to 64 dimensions the relative error is below 1e-5 at any noise time") {
  const auto dimension = GENERATE(1, 2, 8, 64);
  const auto time = GENERATE(0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 8.0);
  const double a = std::exp(-time), v = 1.0 - a * a;
  const auto data = test::normal_points(1000, dimension, 1);
  const auto x = a * data.narrow(0, 0, 64) + std::sqrt(v) * test::normal_points(64, dimension, 2);
  const RatioProblem problem = {x, data, torch::Tensor(), a, v, 0.0};

  const auto found = finish(problem, state_of(problem, torch::arange(1000)));

  const auto exact = test::reference::ratio_estimate(problem).score;
  const auto error = (found.score.to(torch::kFloat64) - exact).norm(2, 1);
  // against the size of a score, which is sqrt(D/v) for noised data
  const auto size = exact.norm(2, 1).clamp_min(std::sqrt(static_cast<double>(dimension) / v));
  CHECK((error / size).max().item<double>() < 1e-5);
}

TEST_CASE("Both paths, direct differences and LibTorch's products, agree") {
  // a = 1e-7 takes the products; the direct kernel is asked for the same law at another scale:
  // x/s, v/s^2 and a/s describe the same weights.
  const double a = 1e-7, scale = 1e-6;
  const auto data = test::normal_points(200, 5, 1) * 1e7, x = test::normal_points(20, 5, 2);

  const auto products = score::ratio_state(x, data, {a, 0.5}, torch::Tensor());
  const auto direct =
      score::ratio_state(x / scale, data, {a / scale, 0.5 / (scale * scale)}, torch::Tensor());

  CHECK(torch::allclose(products.log_max, direct.log_max, 1e-5, 1e-5));
  CHECK(torch::allclose(products.weight, direct.weight, 2e-5));
}

TEST_CASE(
    "A query that is not a number is refused, and its neighbours in the batch are not harmed") {
  auto x = test::normal_points(40, 3, 1);
  const auto data = test::normal_points(100, 3, 2);
  const auto whole = score::ratio_state(x, data, {0.6, 0.64}, torch::Tensor());
  x[7][1] = GENERATE(std::nanf(""), std::numeric_limits<float>::infinity());

  const auto state = score::ratio_state(x, data, {0.6, 0.64}, torch::Tensor());

  CHECK(std::isinf(state.log_max[7].item<double>()));
  for (const std::int64_t i : {0, 6, 8, 39}) {
    CHECK(state.log_max[i].item<double>() == whole.log_max[i].item<double>());
    CHECK(torch::equal(state.weighted_sum[i], whole.weighted_sum[i]));
  }
}

}  // namespace
