// SPDX-License-Identifier: MIT
// The ratio estimator against the exact score of the mixture that its data come from.
#include <cmath>

#include <tropism/score/ratio_signal.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

constexpr std::int64_t repetitions = 30;
constexpr double noise_time = 0.5;

torch::Tensor noised_queries() {
  const auto process = test::toy_process();
  const auto noised =
      test::uneven_mixture().noised(process->signal(noise_time), process->variance(noise_time));
  return test::draw_from(noised, 200, 1).x;
}

torch::Tensor times_of(const torch::Tensor& x) {
  return torch::full({x.size(0)}, noise_time, torch::kFloat64);
}

using Data = std::function<test::LabelledPoints(std::int64_t rows, std::int64_t set)>;
using LogWeights = std::function<torch::Tensor(const torch::Tensor&)>;

/// Root mean square over queries and repetitions of the estimate's error, from `rows` data points.
double error_at(std::int64_t rows, const torch::Tensor& exact, const Data& data,
                const LogWeights& log_weights) {
  const auto x = noised_queries();
  double sum = 0.0;
  for (std::int64_t i = 0; i < repetitions; ++i) {
    const auto points = data(rows, 100 + i).x;
    const score::RatioScore score(test::toy_process(), points, log_weights(points));
    sum += (score.score(x, times_of(x)) - exact).square().sum(1).mean().item<double>();
  }
  return std::sqrt(sum / static_cast<double>(repetitions));
}

torch::Tensor unweighted(const torch::Tensor& /*x*/) {
  return {};
}

void check_convergence(const score::GaussianMixture& target, const Data& data,
                       const LogWeights& log_weights) {
  const auto x = noised_queries();
  const auto exact = score::MixtureScore(test::toy_process(), target).score(x, times_of(x));

  const double few = error_at(300, exact, data, log_weights),
               some = error_at(3000, exact, data, log_weights),
               many = error_at(30000, exact, data, log_weights);

  // M^{-1/2} over two decades is a slope of -1/2; each error is known to about a tenth.
  CHECK(std::log10(some / many) == Approx(0.5).margin(0.1));
  CHECK(std::log10(few / many) / 2.0 == Approx(0.5).margin(0.1));
  CHECK(many < 0.05);
}

TEST_CASE("The ratio score converges to the exact score of the data's law like M^-1/2") {
  check_convergence(
      test::uneven_mixture(),
      [](std::int64_t rows, std::int64_t set) {
        return test::draw_from(test::uneven_mixture(), rows, set);
      },
      unweighted);
}

TEST_CASE("With weights e^{beta h/2} it converges to the score of the tilted law (D4)") {
  constexpr double beta = 0.5;
  const auto target = torch::tensor({2.0, 1.0}, torch::kFloat64);

  check_convergence(
      test::uneven_mixture().tilted_quadratic(beta, target),
      [](std::int64_t rows, std::int64_t set) {
        return test::draw_from(test::uneven_mixture(), rows, set);
      },
      [&](const torch::Tensor& x) {
        return (-0.5 * beta * (x - target).square().sum(1)).to(torch::kFloat32);
      });
}

/// The exact conditional score given the component, for queries of given components.
torch::Tensor score_by_component(const torch::Tensor& x, const torch::Tensor& component) {
  const auto mixture = test::uneven_mixture();
  auto exact = torch::empty_like(x);
  for (std::int64_t k = 0; k < 3; ++k) {
    const auto mine = component.eq(k).nonzero().squeeze(1);
    const score::GaussianMixture alone = {torch::ones({1}, torch::kFloat64),
                                          mixture.means.narrow(0, k, 1),
                                          mixture.variances.narrow(0, k, 1)};
    const auto rows = x.index_select(0, mine);
    const auto score = score::MixtureScore(test::toy_process(), alone).score(rows, times_of(rows));
    exact.index_copy_(0, mine, score);
  }
  return exact;
}

/// Root mean square error of the estimate by label, with the component as the label.
double conditional_error_at(std::int64_t rows, const torch::Tensor& x,
                            const torch::Tensor& component) {
  const auto comm = comm::Communicator::alone();
  const auto exact = score_by_component(x, component);
  double sum = 0.0;
  for (std::int64_t i = 0; i < repetitions; ++i) {
    const auto points = test::draw_from(test::uneven_mixture(), rows, 200 + i);
    const auto data = std::make_shared<score::RatioData>(
        comm, score::Scope::local,
        score::DataRows{.x = points.x, .groups = points.component, .num_groups = 3},
        points.x.mean(0), 0);
    score::RatioSetting setting = {
        &comm, test::toy_process(), data, {}, {1, base::Purpose::estimator_rows}};
    const score::RatioSignal signal(std::make_shared<score::RatioSetting>(setting), component);
    const auto seen = signal.observe(x, noise_time, {0, 0});
    sum += (seen.score - exact).square().sum(1).mean().item<double>();
  }
  return std::sqrt(sum / static_cast<double>(repetitions));
}

TEST_CASE("By label it converges to the exact score given the component like M^-1/2") {
  const auto process = test::toy_process();
  const double a = process->signal(noise_time), v = process->variance(noise_time);
  const auto points = test::draw_from(test::uneven_mixture(), 200, 1);
  const auto x = a * points.x + std::sqrt(v) * test::normal_points(200, 2, 2);

  const double few = conditional_error_at(300, x, points.component),
               some = conditional_error_at(3000, x, points.component),
               many = conditional_error_at(30000, x, points.component);

  CHECK(std::log10(some / many) == Approx(0.5).margin(0.1));
  CHECK(std::log10(few / many) / 2.0 == Approx(0.5).margin(0.1));
  CHECK(many < 0.05);
}

/// Mean and standard error over draws of m rows of the score at one point of the 1-D example.
struct Drawn {
  double mean, variance, standard_error;
};

Drawn draws_of(int m, const torch::Tensor& x, double time, double y) {
  constexpr std::int64_t draws = 4000;
  const auto comm = comm::Communicator::alone();
  const auto data = std::make_shared<score::RatioData>(comm, score::Scope::local,
                                                       score::DataRows{.x = x}, x.mean(0), 0);
  score::RatioSetting setting = {
      &comm, test::toy_process(), data, {.samples = m}, {1, base::Purpose::estimator_rows}};
  const score::RatioSignal signal(std::make_shared<score::RatioSetting>(setting),
                                  torch::zeros({1}, torch::kInt64));
  auto scores = torch::empty({draws}, torch::kFloat64);
  for (std::int64_t i = 0; i < draws; ++i)
    scores[i] = signal.observe(torch::full({1, 1}, y), time, {i / 20, i % 20}).score.item<double>();
  const double variance = scores.var().item<double>();
  return {scores.mean().item<double>(), variance, std::sqrt(variance / static_cast<double>(draws))};
}

TEST_CASE("E2: draws of one row average to (a E x_0 - y)/v, with variance (a/v)^2 Var x_0") {
  const double time = 0.25, y = 3.0;
  const auto process = test::toy_process();
  const double a = process->signal(time), v = process->variance(time);
  const auto x = test::draw_from(test::toy_mixture(), 2000, 5).x;

  const auto drawn = draws_of(1, x, time, y);

  const auto data = x.to(torch::kFloat64);
  const double data_mean = data.mean().item<double>(), data_variance = data.var().item<double>();
  CHECK(std::abs(drawn.mean - (a * data_mean - y) / v) < 6.0 * drawn.standard_error);
  // The fourth moment of a mixture with far modes is below that of a Gaussian: sd < sqrt(2/n).
  const double exact = (a / v) * (a / v) * data_variance;
  CHECK(std::abs(drawn.variance / exact - 1.0) < 6.0 * std::sqrt(2.0 / 4000.0));
}

TEST_CASE("E1: the bias and the variance of m rows are those that were measured") {
  const double time = 0.25, y = 3.0;
  const auto x = test::draw_from(test::toy_mixture(), 2000, 5).x;

  const auto ten = draws_of(10, x, time, y), thirty = draws_of(30, x, time, y),
             hundreds = draws_of(300, x, time, y);

  // By quadrature: -0.82, -0.70, -0.67 with variances 0.65, 0.11, 0.01; the truth is -0.66.
  CHECK(std::abs(ten.mean + 0.82) < 0.1);
  CHECK(std::abs(thirty.mean + 0.70) < 0.06);
  CHECK(std::abs(hundreds.mean + 0.67) < 0.05);
  CHECK(ten.variance > 2.0 * thirty.variance);
  CHECK(thirty.variance > 5.0 * hundreds.variance);
}

}  // namespace
