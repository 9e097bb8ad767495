// SPDX-License-Identifier: MIT
// What the environment hears from draws: unbiased scores and rewards, where the ratio of few rows
// has the bias and the variance of MATH E1 and E2.
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/score/ratio_signal.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

constexpr double noise_time = 0.4, g_squared = 2.0;

const auto& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

torch::Tensor data() {
  return test::normal_points(700, 2, 1) * torch::tensor({2.0F, 0.7F}) + 1.0;
}

std::shared_ptr<const score::RatioSetting> setting_of(const score::ScoreConfig& config) {
  const auto x = data();
  score::RatioSetting setting = {
      &alone(), test::toy_process(),
      std::make_shared<score::RatioData>(
          alone(), score::Scope::local,
          score::DataRows{.x = x, .log_weights = -0.1 * x.square().sum(1)}, x.mean(0), 0),
      config, base::RandomStream(9, base::Purpose::estimator_rows)};
  setting.posterior = base::RandomStream(9, base::Purpose::posterior_draw);
  return std::make_shared<score::RatioSetting>(setting);
}

const auto point = torch::tensor({{0.8F, -0.3F}});
const auto action = torch::tensor({{0.5F, 1.5F}});

/// What B trajectories see, all at `point`.
score::Observation seen_at_point(const score::ScoreConfig& config, std::int64_t B) {
  const score::RatioSignal signal(setting_of(config), {torch::zeros({B}, torch::kInt64), {}, 100});
  return signal.observe(point.expand({B, 2}), noise_time, {0, 3});
}

/// -g^2 (|s - a|^2 - noise), as the losses take it, [B].
torch::Tensor rewards(const score::Observation& seen) {
  auto distance = (seen.score - action).square().sum(1);
  if (seen.score_noise.defined()) distance = distance - seen.score_noise;
  return distance.to(torch::kFloat64) * -g_squared;
}

/// (mean - expected) in standard errors, the largest of all columns.
double deviation(const torch::Tensor& values, const torch::Tensor& expected) {
  const auto v = values.to(torch::kFloat64);
  const auto standard_error = v.std(0) / std::sqrt(static_cast<double>(v.size(0)));
  return ((v.mean(0) - expected.to(torch::kFloat64)).abs() / standard_error).max().item<double>();
}

TEST_CASE("The mean of a drawn signal is the exact ratio's score") {
  const std::string signal = GENERATE("posterior-draw", "product");
  const int samples = GENERATE(0, 1, 5);
  const auto exact = seen_at_point({}, 1);

  const auto drawn = seen_at_point({.samples = samples, .signal = signal}, 20000);

  CHECK(deviation(drawn.score, exact.score[0]) < 5.0);
}

TEST_CASE("The variance of a drawn signal is (a/v)^2 Cov(x_0 | x) over the number of draws") {
  const int samples = GENERATE(1, 4);
  const auto process = test::toy_process();
  const double a = process->signal(noise_time), v = process->variance(noise_time);
  const auto x = data().to(torch::kFloat64);
  const auto weights =
      ((point.to(torch::kFloat64) - a * x).square().sum(1) / (-2.0 * v)).softmax(0);
  const auto mean = weights.unsqueeze(0).mm(x);
  const auto covariance = (weights.unsqueeze(1) * (x - mean).square()).sum(0);

  const auto drawn = seen_at_point({.samples = samples, .signal = "posterior-draw"}, 20000);

  const auto expected = covariance * (a * a / (v * v) / samples);
  CHECK(torch::allclose(drawn.score.to(torch::kFloat64).var(0), expected, 0.05));  // 5 s.e.
}

TEST_CASE("The mean reward of the product is -g^2 |s - a|^2 of the exact score") {
  const int samples = GENERATE(1, 5);
  const auto exact = rewards(seen_at_point({}, 1))[0];

  const auto product = seen_at_point({.samples = samples, .signal = "product"}, 20000);

  CHECK(deviation(rewards(product), exact) < 5.0);
}

TEST_CASE("The mean reward of one posterior draw is off by its variance (E1)") {
  const auto exact = rewards(seen_at_point({}, 1))[0];

  const auto drawn = seen_at_point({.samples = 1, .signal = "posterior-draw"}, 20000);

  const auto variance = drawn.score.to(torch::kFloat64).var(0).sum();
  CHECK(deviation(rewards(drawn), exact) > 20.0);
  CHECK(deviation(rewards(drawn), exact - g_squared * variance) < 5.0);
}

TEST_CASE("At m = 1 the ratio's mean and mean reward are those of E2, far from the exact ones") {
  const auto process = test::toy_process();
  const double a = process->signal(noise_time), v = process->variance(noise_time);
  const auto x = data().to(torch::kFloat64);
  const auto mean = (a * x.mean(0, true) - point.to(torch::kFloat64)) / v;
  const double variance = a * a / (v * v) * x.var(0, false).sum().item<double>();
  const score::RatioSignal signal(setting_of({.samples = 1}), torch::zeros({1}, torch::kInt64));
  std::vector<torch::Tensor> scores, reward;

  for (std::int64_t step = 0; step < 4000; ++step) {
    const auto seen = signal.observe(point, noise_time, {0, step});
    scores.push_back(seen.score[0]);
    reward.push_back(rewards(seen));
  }

  const auto expected = -g_squared * ((mean - action).square().sum() + variance);
  CHECK(deviation(torch::stack(scores), mean[0]) < 5.0);
  CHECK(deviation(torch::cat(reward).unsqueeze(1), expected) < 5.0);
  CHECK(deviation(torch::stack(scores), seen_at_point({}, 1).score[0]) > 20.0);
}

TEST_CASE("The tilt and the effective sample size are those of the exact weights") {
  const std::string kind = GENERATE("posterior-draw", "product");
  const auto exact = seen_at_point({}, 6);

  const auto drawn = seen_at_point({.samples = 3, .signal = kind}, 6);

  CHECK(torch::equal(drawn.log_tilt, exact.log_tilt));
  CHECK(torch::equal(drawn.tilt_gradient, exact.tilt_gradient));
  CHECK(torch::equal(drawn.effective_sample_size, exact.effective_sample_size));
}

TEST_CASE("What a trajectory draws depends on its number and the step, not on its batch") {
  const auto setting = setting_of({.samples = 2, .signal = "product"});
  const auto y = test::normal_points(10, 2, 5);
  const score::RatioSignal whole(setting, {torch::zeros({10}, torch::kInt64), {}, 100});
  const score::RatioSignal part(setting, {torch::zeros({4}, torch::kInt64), {}, 103});

  const auto seen = whole.observe(y, noise_time, {0, 3});
  const auto again = part.observe(y.narrow(0, 3, 4), noise_time, {0, 3});
  const auto later = part.observe(y.narrow(0, 3, 4), noise_time, {0, 4});

  CHECK(torch::equal(again.score, seen.score.narrow(0, 3, 4)));
  CHECK(torch::equal(again.score_noise, seen.score_noise.narrow(0, 3, 4)));
  CHECK_FALSE(torch::equal(again.score, later.score));
}

TEST_CASE("A floor with a drawn signal is refused") {
  score::ScoreConfig config = {.floor = 1e-20};
  CHECK_NOTHROW(config.validate());

  config.signal = GENERATE("posterior-draw", "product");

  CHECK_THROWS_AS(config.validate(), base::ConfigError);
}

}  // namespace
