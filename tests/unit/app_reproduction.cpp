// SPDX-License-Identifier: MIT
// The numbers that `tropism reproduce` compares with: errors, first-order theory, closed forms.
#include <cmath>

#include "app/context_law.hpp"
#include "app/estimator_errors.hpp"
#include "app/mixture_law.hpp"
#include "app/mixture_paths.hpp"
#include "app/text_table.hpp"
#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;

constexpr score::NoiseLevel noise = {0.6, 0.64};

const auto& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

torch::Tensor rows() {
  return test::normal_points(4000, 2, 1) * 1.5 + 0.5;
}

torch::Tensor states() {
  return test::normal_points(20, 2, 2);
}

/// p(x | x_j) up to a factor, float64 [Q, N].
torch::Tensor densities() {
  const auto x = states().to(torch::kFloat64).unsqueeze(1), data = rows().to(torch::kFloat64);
  return ((x - noise.signal * data).square().sum(2) / (-2.0 * noise.variance)).exp();
}

TEST_CASE("Errors are the mean L1 bias, the trace of the variance and the mean squared error") {
  const std::int64_t R = 5, Q = 3;
  const auto estimates = test::normal_points(R * Q, 2, 3).view({R, Q, 2});
  const auto truth = test::normal_points(Q, 2, 4);

  const auto errors = app::errors_of(alone(), estimates, truth);

  const auto e = estimates.to(torch::kFloat64);
  const auto bias = (e.mean(0) - truth).abs().sum(1).mean().item<double>();
  CHECK(errors.bias.value == Approx(bias));
  CHECK(errors.variance.value == Approx(e.var(0).sum(1).mean().item<double>()));
  CHECK(errors.squared_error.value == Approx((e - truth).square().sum(2).mean().item<double>()));
}

TEST_CASE("The jackknife's standard error of a mean is its own") {
  const std::int64_t R = 40;
  const auto estimates = test::normal_points(R, 2, 3).view({R, 1, 2});
  const auto truth = torch::zeros({1, 2});

  const auto errors = app::errors_of(alone(), estimates, truth);

  const auto squared = estimates.to(torch::kFloat64).square().sum(2).flatten();
  const auto expected = squared.std().item<double>() / std::sqrt(static_cast<double>(R));
  CHECK(errors.squared_error.standard_error == Approx(expected));
}

TEST_CASE("The first-order bias and variance are the delta method's sums over all rows") {
  const auto p = densities(), data = rows().to(torch::kFloat64);
  const auto weights = p / p.sum(1, true);
  const auto score = (noise.signal * weights.mm(data) - states()) / noise.variance;
  // s_hat - s = (a/v) sum_j p_j (x_j - xbar) / (m E p) (1 - (sum_j p_j / (m E p) - 1)) + ...
  const auto deviation = data.unsqueeze(0) - weights.mm(data).unsqueeze(1);  // [Q, N, 2]
  const auto influence = (p / p.mean(1, true)).unsqueeze(2) * deviation;
  const double factor = noise.signal / noise.variance;
  const auto variance = influence.square().mean(1).sum(1) * factor * factor;
  const auto bias = -factor * (influence * (p / p.mean(1, true)).unsqueeze(2)).mean(1);

  const auto theory = app::theory_of(states(), rows(), noise);

  CHECK(torch::allclose(theory.score, score, 1e-4, 1e-5));
  CHECK(torch::allclose(theory.variance_times_m, variance, 1e-3));
  CHECK(torch::allclose(theory.bias_times_m, bias, 1e-3, 1e-4));
}

TEST_CASE("The variance of one draw is that of the softmax weights") {
  const auto p = densities(), data = rows().to(torch::kFloat64);
  const auto weights = p / p.sum(1, true);
  const auto second = weights.mm(data.square()) - weights.mm(data).square();

  const auto theory = app::theory_of(states(), rows(), noise);

  const double factor = noise.signal / noise.variance;
  CHECK(torch::allclose(theory.draw_variance, second.sum(1) * factor * factor, 1e-3));
}

TEST_CASE("The expected L1 bias is the mean of |bias + noise|") {
  const auto bias = torch::tensor({{0.0, 0.3}, {-0.2, 1.0}}, torch::kFloat64);
  const auto variance = torch::tensor({2.0, 0.5}, torch::kFloat64);
  const double repeats = 4.0;
  const auto std = (variance / (2.0 * repeats)).sqrt().view({1, 2, 1});

  const auto expected = app::expected_l1(bias, variance, repeats);

  const auto xi = test::normal_points(200000, 4, 5).to(torch::kFloat64).view({-1, 2, 2});
  const auto l1 = (bias + std * xi).abs().sum(2);
  const auto standard_error = l1.std(0) / std::sqrt(2e5);
  CHECK(((l1.mean(0) - expected).abs() / standard_error).max().item<double>() < 5.0);
}

TEST_CASE("The variance of a draw in the mixture is its posterior's, by quadrature") {
  const auto mixture = app::exact_mixture();
  const auto y = torch::tensor({-2.0, 0.0, 0.7, 3.0}, torch::kFloat64).unsqueeze(1);
  const auto x0 = torch::linspace(-12.0, 12.0, 4801, torch::kFloat64);
  const auto weight = (mixture.log_density(x0.unsqueeze(1)) -
                       (y - noise.signal * x0).square() / (2.0 * noise.variance))
                          .softmax(1);
  const auto covariance = (weight * x0.square()).sum(1) - (weight * x0).sum(1).square();

  const auto found = app::draw_variance(mixture, y, noise.signal, noise.variance);

  const double factor = noise.signal / noise.variance;
  CHECK(torch::allclose(found, covariance * factor * factor, 1e-6));
}

TEST_CASE("The collapsed law is that of the simulated recursion") {
  const auto process = diffusion::make_process({.terminal_time = 5.0});
  const auto grid = diffusion::make_time_grid({.steps = 20}, *process);
  const auto simulator = diffusion::make_simulator({});
  const auto stepper = simulator->start(*process);
  const double mean = 0.4;
  auto y = test::normal_points(100000, 1, 6).to(torch::kFloat64) * process->prior_std();
  for (std::int64_t k = 0; k < grid.steps(); ++k) {
    const double t = grid.noise_time(k);
    const auto score = (process->signal(t) * mean - y) / process->variance(t);
    const auto xi = k + 1 < grid.steps() ? test::normal_points(100000, 1, 10 + k) : torch::Tensor();
    y = stepper->step(grid.step(k), y, score, xi, {});
  }

  const auto law = app::collapse_law(*process, grid, mean);

  const double standard_error = law.std / std::sqrt(1e5);
  CHECK(std::abs(y.mean().item<double>() - law.mean) < 5.0 * standard_error);
  CHECK(std::abs(y.std().item<double>() - law.std) < 5.0 * standard_error);
}

TEST_CASE("Samples of the mixture have its moments and hardly a divergence from it") {
  const auto place = torch::arange(100000).remainder(2).to(torch::kFloat32) * 6.0 - 3.0;
  const auto y = (place + test::normal_points(100000, 1, 7).squeeze(1)).unsqueeze(1);

  const auto law = app::law_of(y, {});

  CHECK(std::abs(law.mean) < 5.0 * law.mean_error);
  CHECK(std::abs(law.std - std::sqrt(10.0)) < 5.0 * law.std_error);
  CHECK(law.middle == Approx(0.0668).margin(5.0 * std::sqrt(0.0668 / 1e5)));
  CHECK(law.divergence > 0.0);
  CHECK(law.divergence < 0.001);
}

TEST_CASE("Weights turn samples of one law into those of another") {
  const auto y = test::normal_points(200000, 1, 8) * 4.0;
  const auto log_weights =
      app::exact_mixture().log_density(y) + y.to(torch::kFloat64).square().squeeze(1) / 32.0;

  const auto law = app::law_of(y, log_weights);

  CHECK(std::abs(law.mean) < 5.0 * law.mean_error);
  CHECK(std::abs(law.std - std::sqrt(10.0)) < 5.0 * law.std_error);
  CHECK(law.divergence < 0.002);
}

TEST_CASE("The divergence from a tilted mixture is that of its own weights") {
  const double beta = 0.1;
  const auto target = torch::tensor({6.0}, torch::kFloat64);
  const auto place = torch::arange(100000).remainder(2).to(torch::kFloat32) * 6.0 - 3.0;
  const auto y = (place + test::normal_points(100000, 1, 7).squeeze(1)).unsqueeze(1);
  const auto log_weights =
      -0.5 * beta * (y.to(torch::kFloat64).squeeze(1) - 6.0).square();  // beta h / 2
  const auto tilted = app::exact_mixture().tilted_quadratic(beta, target);

  CHECK(app::law_of(y, log_weights, tilted).divergence < 0.002);
  // Of the same points without weights: KL(p_0 || p_tilted) = log E_0 e^{beta h/2} - E_0 beta h/2
  const double expected =
      app::exact_mixture().log_normaliser_quadratic(beta, target) + 0.5 * beta * 46.0;
  CHECK(app::law_of(y, {}, tilted).divergence == Approx(expected).epsilon(0.02));
}

/// p(x|c) = 2/3 N(3c, (0.6 + 0.2c)^2) + 1/3 N(-2c, 0.5^2), number by number.
double branches(double x, double c) {
  const auto normal = [x](double mean, double std) {
    return std::exp(-0.5 * std::pow((x - mean) / std, 2)) /
           (std * std::sqrt(2.0 * std::acos(-1.0)));
  };
  return (2.0 * normal(3.0 * c, 0.6 + 0.2 * c) + normal(-2.0 * c, 0.5)) / 3.0;
}

TEST_CASE("The law under a context is two branches, smoothed or not, by quadrature") {
  const double width = 0.06;
  const app::ContextSupport support{.parts = 4, .share = 0.5};
  for (const double c : {-0.9, -0.6, 0.1, 0.95}) {
    const auto exact = app::law_at(c), smoothed = app::smoothed_law_at(c, support, width);
    for (const double x : {-2.5, 0.0, 1.3}) {
      double sum = 0.0, norm = 0.0;
      for (double other = -0.99995; other < 1.0; other += 1e-4) {
        if (std::fmod(other + 1.0, 0.5) > 0.25) continue;  // rows in every second interval alone
        const double kappa = std::exp(-0.5 * std::pow((other - c) / width, 2));
        sum += kappa * branches(x, other);
        norm += kappa;
      }

      const auto point = torch::full({1, 1}, x, torch::kFloat64);
      CHECK(exact.log_density(point).exp().item<double>() == Approx(branches(x, c)));
      CHECK(smoothed.log_density(point).exp().item<double>() == Approx(sum / norm).epsilon(3e-4));
    }
  }
}

TEST_CASE("Rows under a context have its law, and contexts where there are to be rows") {
  const app::ContextSupport support{.parts = 4, .share = 0.5};
  const std::int64_t M = 100000;

  const auto data = app::context_data(support, M, 1);

  const auto c = data.context->to(torch::kFloat64).flatten();
  const auto x = data.x.to(torch::kFloat64).flatten();
  CHECK((c + 1.0).remainder(0.5).max().item<double>() < 0.2500001);
  CHECK(c.min().item<double>() > -1.0001);
  // E[x | c] = 4c/3; E[x^2 | c] = 2/3 (9c^2 + (0.6 + 0.2c)^2) + 1/3 (4c^2 + 0.25)
  const auto second =
      2.0 / 3.0 * (9.0 * c.square() + (0.6 + 0.2 * c).square()) + (4.0 * c.square() + 0.25) / 3.0;
  for (const auto& excess : {x - 4.0 / 3.0 * c, c * (x - 4.0 / 3.0 * c), x.square() - second}) {
    const double standard_error = excess.std().item<double>() / std::sqrt(static_cast<double>(M));
    CHECK(std::abs(excess.mean().item<double>()) < 5.0 * standard_error);
  }
}

TEST_CASE("A context is in the support exactly where uniform numbers can lead") {
  const app::ContextSupport support{.parts = 4, .share = 0.5};

  const auto u = torch::linspace(0.001, 0.999, 999, torch::kFloat64);
  const auto c = app::contexts_of_uniform(support, u);

  for (std::int64_t i = 0; i < c.size(0); ++i)
    CHECK(app::is_in_support(support, c[i].item<double>()));
  for (const double without : {-0.74, -0.51, -0.1, 0.3, 0.99})
    CHECK_FALSE(app::is_in_support(support, without));
  CHECK(app::is_in_support({}, 0.99));
}

TEST_CASE("The divergence of two mixtures in bins is that of normal laws, but for the bins") {
  const auto normal = [](double mean, double variance) {
    return score::GaussianMixture{torch::ones({1}, torch::kFloat64),
                                  torch::full({1, 1}, mean, torch::kFloat64),
                                  torch::full({1}, variance, torch::kFloat64)};
  };

  const double divergence = app::binned_divergence(normal(1.0, 0.8), normal(0.5, 1.0));

  // KL(N(m, v) || N(n, 1)) = (v + (m - n)^2 - 1 - log v) / 2, which bins can only lessen
  const double exact = 0.5 * (0.8 + 0.25 - 1.0 - std::log(0.8));
  CHECK(divergence < exact);
  CHECK(divergence == Approx(exact).epsilon(0.01));
  CHECK(app::binned_divergence(normal(1.0, 0.8), normal(1.0, 0.8)) == Approx(0.0).margin(1e-12));
}

TEST_CASE("A table is as wide as its cells, with letters of more than one byte") {
  const auto table = app::text_table({{"a", "b ± c"}, {"longer", "1"}});

  CHECK(table == "a       b ± c\n-------------\nlonger      1\n");
}

}  // namespace
