// SPDX-License-Identifier: MIT
// DDPO and DPOK against the literal formulas, step by step and in double precision, with autograd
// for their gradients.
#include <tropism/control/policy_gradient.hpp>

#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/control/algorithm.hpp>

#include "support/catch.hpp"
#include "support/small_episode.hpp"

namespace {

using namespace tropism;

constexpr std::int64_t K = 3, B = 4, D = 2, batch = 10;
constexpr double f = 1.0, g_squared = 2.25, dt = 0.5;

/// The mean of today, by the parameter [K B, D] that it is.
std::shared_ptr<const score::ScoreFunction> table(const torch::Tensor& parameter) {
  return test::score_function(
      [parameter](const torch::Tensor&, const torch::Tensor&) { return parameter; });
}

torch::Tensor played_means() {
  return test::normal_tensor({K, B, D}, 41);
}
torch::Tensor advantages() {
  return test::normal_tensor({B}, 42);
}
torch::Tensor reference_means() {
  return test::normal_tensor({K * B, D}, 43);
}
/// A policy that has moved away from the one that was played; by nothing where `distance` = 0.
torch::Tensor means_of_today(double distance) {
  return (played_means().view({K * B, D}) + distance * test::normal_tensor({K * B, D}, 44))
      .requires_grad_(true);
}

control::Episode episode() {
  auto result = test::small_episode();
  result.means = result.actions = played_means();
  result.reference_means = reference_means().view({K, B, D});
  return result;
}

/// log N(y'; y + [f y + g^2 mu] dt, g^2 dt I) without its constant.
torch::Tensor log_density(const torch::Tensor& next, const torch::Tensor& y,
                          const torch::Tensor& mu) {
  const auto mean = y + (f * y + g_squared * mu) * dt;
  return -(next - mean).square().sum() / (2.0 * g_squared * dt);
}

/// gamma times the KL of all later steps, as they were played.
double divergence_after(double kl_weight, std::int64_t k, std::int64_t b) {
  double sum = 0.0;
  for (std::int64_t j = k + 1; j < K; ++j) {
    const auto difference = played_means()[j][b] - reference_means()[j * B + b];
    sum += g_squared * dt * difference.square().sum().item<double>() / 2.0;
  }
  return kl_weight * sum;
}

/// The loss of one step of one trajectory, as written.
torch::Tensor literal_term(const control::PolicyGradient& setting, const torch::Tensor& mu,
                           std::int64_t k, std::int64_t b) {
  const auto of = episode();
  const auto y = of.states[k][b], next = of.states[k + 1][b];
  const auto A = advantages()[b] -
                 (setting.whole_kl_gradient ? divergence_after(setting.kl_weight, k, b) : 0.0);
  const auto rho = (log_density(next, y, mu) - log_density(next, y, played_means()[k][b])).exp();
  auto term = -A * rho;
  if (setting.clip_range > 0.0)
    term = torch::maximum(term, -A * rho.clamp(1.0 - setting.clip_range, 1.0 + setting.clip_range));
  const auto reference = reference_means()[k * B + b];
  return term + setting.kl_weight * g_squared * dt * (mu - reference).square().sum() / 2.0;
}

control::Losses losses_of(const control::PolicyGradient& setting, const torch::Tensor& today,
                          control::StepSubset subset = {}) {
  const auto environment = test::small_environment();
  const auto of = episode();
  const control::PolicyGradientQuestion question = {environment, of, advantages(), nullptr};
  return control::policy_gradient_losses(setting, question, *table(today), batch, subset);
}

TEST_CASE("Loss and gradient of a policy gradient are those of the formula") {
  const control::PolicyGradient setting = {.clip_range = GENERATE(0.0, 0.1, 0.4),
                                           .kl_weight = GENERATE(0.0, 0.7),
                                           .whole_kl_gradient = GENERATE(true, false)};
  const double distance = GENERATE(0.0, 0.2);
  const auto today = means_of_today(distance), again = means_of_today(distance);

  const auto losses = losses_of(setting, today);
  losses.policy.backward();

  auto whole = torch::zeros({}, torch::kFloat64);
  for (std::int64_t k = 0; k < K; ++k)
    for (std::int64_t b = 0; b < B; ++b)
      whole = whole + literal_term(setting, again[k * B + b], k, b) / batch;
  whole.backward();
  CHECK(losses.policy.value() == Approx(whole.item<double>()).epsilon(1e-6));
  CHECK(torch::allclose(today.grad(), again.grad(), 1e-5, 1e-6));
}

TEST_CASE("Before the first update all ratios are 1 and nothing is clipped") {
  const auto losses = losses_of({.clip_range = 1e-4}, means_of_today(0.0));

  CHECK(torch::allclose(losses.ratio, torch::ones_like(losses.ratio), 0.0, 1e-12));
  CHECK(losses.clipped.sum().item<double>() == 0.0);
}

TEST_CASE("Steps whose ratio has gone too far the way it is driven teach nothing") {
  const auto today = means_of_today(0.5);

  const auto losses = losses_of({.clip_range = 0.05}, today);
  losses.policy.backward();

  const auto clipped = losses.clipped.view({K * B, 1}).expand({K * B, D}) > 0.0;
  CHECK(clipped.sum().item<std::int64_t>() > 0);
  CHECK(clipped.sum().item<std::int64_t>() < K * B * D);
  CHECK(today.grad().masked_select(clipped).abs().max().item<double>() == 0.0);
  CHECK(today.grad().masked_select(clipped.logical_not()).abs().min().item<double>() > 0.0);
}

TEST_CASE("The KL of a step is that of two Gaussians of covariance g^2 dt") {
  const auto losses = losses_of({.kl_weight = 1.0}, means_of_today(0.2));

  const auto mu = means_of_today(0.2);
  for (std::int64_t k = 0; k < K; ++k)
    for (std::int64_t b = 0; b < B; ++b) {
      const auto shift = (mu[k * B + b] - reference_means()[k * B + b]) * g_squared * dt;
      const double expected = shift.square().sum().item<double>() / (2.0 * g_squared * dt);
      CHECK(losses.kl[k][b].item<double>() == Approx(expected).epsilon(1e-6));
    }
}

TEST_CASE("A baseline is taken from the advantages, and learns them") {
  const auto environment = test::small_environment();
  const auto of = episode();
  const auto value = test::formula_value(
      environment, "plain",
      test::field([](const torch::Tensor&, const torch::Tensor& y) { return y.narrow(1, 0, 1); }));
  const auto today = means_of_today(0.0);
  const control::PolicyGradientQuestion question = {environment, of, advantages(), &value};

  const auto losses = control::policy_gradient_losses({}, question, *table(today), batch);

  for (std::int64_t k = 0; k < K; ++k)
    for (std::int64_t b = 0; b < B; ++b) {
      const double error = advantages()[b].item<double>() - of.states[k][b][0].item<double>();
      CHECK(losses.value.terms()[k][b].item<double>() == Approx(error * error).epsilon(1e-6));
      CHECK(losses.policy.terms()[k][b].item<double>() == Approx(-error).epsilon(1e-6));
    }
}

TEST_CASE("Policy gradients of the parts of an episode average to that of the whole") {
  const control::PolicyGradient setting = {
      .clip_range = 0.2, .kl_weight = 0.5, .whole_kl_gradient = false};
  const auto whole = losses_of(setting, means_of_today(0.2)).policy_per_trajectory();

  auto parts = torch::zeros_like(whole);
  for (std::int64_t first = 0; first < K; ++first) {
    const auto of_step = [&](const torch::Tensor& rows) { return rows.narrow(0, first * B, B); };
    const auto environment = test::small_environment();
    const auto of = episode();
    const control::PolicyGradientQuestion question = {environment, of, advantages(), nullptr};
    parts +=
        control::policy_gradient_losses(
            setting, question, *table(of_step(means_of_today(0.2)).detach()), batch, {first, K})
            .policy_per_trajectory() /
        K;
  }

  CHECK(torch::allclose(parts, whole, 1e-6, 1e-9));
}

TEST_CASE("Means along an episode are those of each state and time, for each part's policy") {
  const auto of = episode();
  const auto times = test::score_function(
      [](const torch::Tensor& y, const torch::Tensor& t) { return y * 2.0 + t.unsqueeze(1); });
  const auto negative =
      test::score_function([](const torch::Tensor& y, const torch::Tensor&) { return -y; });
  const auto environment = test::small_environment();

  const auto means = control::means_along(environment, of, {{0, 1, times}, {1, B - 1, negative}});

  for (std::int64_t k = 0; k < K; ++k) {
    const auto y = of.states[k];
    const auto first = y.narrow(0, 0, 1) * 2.0 + environment.grid.noise_time(k);
    CHECK(torch::allclose(means[k], torch::cat({first, -y.narrow(0, 1, B - 1)})));
  }
}

TEST_CASE("A divergence from means that nobody gave is refused") {
  auto of = episode();
  of.reference_means = torch::Tensor();
  const auto environment = test::small_environment();

  CHECK_THROWS_AS(
      control::policy_gradient_losses({.kl_weight = 1.0}, {environment, of, advantages(), nullptr},
                                      *table(means_of_today(0.0)), batch),
      base::ContractError);
}

TEST_CASE("Advantages are standardised within each context, and limited") {
  const auto rewards = torch::tensor({1.0, 2.0, 6.0, 5.0, 5.0, 100.0});
  const auto groups = torch::tensor({7, 7, 7, 2, 2, 9});

  const auto advantages_by = [&](const std::string& name) {
    control::AlgorithmConfig config;
    config.name = name;
    config.advantage_limit = 1.3;
    return control::make_algorithm(config, control::ValueConfig(), 0.5)
        ->advantages({rewards, groups}, {});
  };
  const auto ddpo = advantages_by("ddpo"), dpok = advantages_by("dpok");

  const double deviation = std::sqrt((4.0 + 1.0 + 9.0) / 3.0);  // of 1, 2, 6
  const auto expected = torch::tensor({-2.0 / deviation, -1.0 / deviation, 1.3, 0.0, 0.0, 0.0});
  CHECK(torch::allclose(ddpo, expected.to(torch::kFloat32), 1e-6, 1e-7));
  CHECK(torch::allclose(dpok, torch::tensor({-1.0, -0.5, 1.5, 0.0, 0.0, 0.0}), 1e-6, 1e-7));
}

TEST_CASE("Earlier rewards of a context count for its mean and deviation") {
  const control::GroupedRewards latest = {torch::tensor({1.0, 4.0, 7.0}), torch::tensor({0, 0, 1})};
  const control::GroupedRewards earlier = {torch::tensor({3.0, 8.0, 1.0, 5.0}, torch::kFloat64),
                                           torch::tensor({0, 0, 1, 2})};
  control::AlgorithmConfig config;
  config.name = "ddpo";

  const auto advantages =
      control::make_algorithm(config, control::ValueConfig(), 0.5)->advantages(latest, earlier);

  const double deviation = std::sqrt((9.0 + 0.0 + 1.0 + 16.0) / 4.0);  // of 1, 4, 3, 8: mean 4
  const auto expected = torch::tensor({-3.0 / deviation, 0.0, 1.0});   // 7 of 1 and 7
  CHECK(torch::allclose(advantages, expected.to(torch::kFloat32), 1e-6, 1e-7));
}

TEST_CASE("The latest rewards of every context are kept, in their order") {
  const control::GroupedRewards all = {
      torch::tensor({1.0, 2.0, 3.0, 4.0, 5.0, 6.0}, torch::kFloat64),
      torch::tensor({5, 5, 2, 5, 2, 7})};

  const auto kept = control::latest_of_each_group(all, 2);

  CHECK(kept.rewards.equal(torch::tensor({2.0, 3.0, 4.0, 5.0, 6.0}, torch::kFloat64)));
  CHECK(kept.groups.equal(torch::tensor({5, 2, 5, 2, 7})));
  CHECK(control::latest_of_each_group(all, 0).groups.size(0) == 0);
}

}  // namespace
