// SPDX-License-Identifier: MIT
// The closed forms D1-D3 against quadrature and against the Hamilton-Jacobi-Bellman equation: what
// the losses of q-learning are tested with must itself be right.
#include <tropism/score/gaussian_mixture.hpp>

#include <cmath>

#include "support/catch.hpp"
#include "support/reference/quadrature.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using test::reference::derivative;
using test::reference::integral;

torch::Tensor point(double y) {
  return torch::full({1, 1}, y, torch::kFloat64);
}

/// log int p_0(x_0) e^{beta h(x_0)/2} p_{tau|0}(y|x_0) dx_0 by quadrature, h(x) = -(x - 6)^2.
double log_joint_density(double beta, double tau, double y) {
  const auto process = test::toy_process();
  const double a = process->signal(tau), v = process->variance(tau);
  const auto x = torch::linspace(-15.0, 20.0, 14001, torch::kFloat64);
  const auto log_terms = test::toy_mixture().log_density(x.unsqueeze(1)) -
                         0.5 * beta * (x - 6.0).square() - (y - a * x).square() / (2.0 * v);
  // The trapezoidal rule is exact to round-off for analytic functions that vanish at both ends.
  return log_terms.logsumexp(0).item<double>() + std::log(35.0 / 14000.0) -
         0.5 * std::log(2.0 * M_PI * v);
}

/// D2: J = 2 log phi, phi = E[ e^{beta h(z_T)/2} | z_t = y ].
double optimal_value(double beta, double tau, double y) {
  return 2.0 * (log_joint_density(beta, tau, y) - log_joint_density(0.0, tau, y));
}

/// The same from the closed forms: phi = Z p~_tau / p_tau.
double closed_form_value(double beta, double tau, double y) {
  const auto process = test::toy_process();
  const double a = process->signal(tau), v = process->variance(tau);
  const auto plain = test::toy_mixture();
  const auto tilted = plain.tilted_quadratic(beta, test::toy_target());
  const double log_ratio = tilted.noised(a, v).log_density(point(y)).item<double>() -
                           plain.noised(a, v).log_density(point(y)).item<double>();
  return 2.0 * (plain.log_normaliser_quadratic(beta, test::toy_target()) + log_ratio);
}

double exact_score(const score::GaussianMixture& mixture, double tau, double y) {
  const score::MixtureScore score(test::toy_process(), mixture);
  return score.score(point(y), torch::full({1}, tau, torch::kFloat64)).item<double>();
}

TEST_CASE("D2: the optimal value is twice the logarithm of the noised tilt, by quadrature") {
  const double beta = GENERATE(0.0, 0.1, 1.0), tau = GENERATE(0.05, 0.5, 2.0, 5.0);

  for (const double y : {-6.0, -2.0, 0.0, 1.0, 4.0, 7.0})
    CHECK(closed_form_value(beta, tau, y) == Approx(optimal_value(beta, tau, y)).margin(1e-8));
}

TEST_CASE("D3: the score plus half the gradient of the value is the score of the noised tilt") {
  const double beta = GENERATE(0.0, 0.1, 1.0), tau = GENERATE(0.05, 0.5, 2.0, 5.0);
  const auto tilted = test::toy_mixture().tilted_quadratic(beta, test::toy_target());

  for (const double y : {-6.0, -2.0, 0.0, 1.0, 4.0, 7.0}) {
    const double half_gradient =
        0.5 * derivative([&](double z) { return optimal_value(beta, tau, z); }, y);
    const double pulled = exact_score(test::toy_mixture(), tau, y) + half_gradient;
    CHECK(pulled == Approx(exact_score(tilted, tau, y)).margin(1e-6));
  }
}

TEST_CASE("The closed-form value solves the Hamilton-Jacobi-Bellman equation (23)") {
  const double beta = GENERATE(0.1, 1.0), tau = GENERATE(0.2, 1.0, 3.0);

  for (const double y : {-4.0, -1.0, 0.5, 3.0, 6.0}) {
    const auto of_y = [&](double z) { return closed_form_value(beta, tau, z); };
    const double J_y = derivative(of_y, y);
    const double J_yy = derivative([&](double z) { return derivative(of_y, z); }, y);
    // d_t J = -d_tau J. max_a H is at a = s + J_y/2: g^2 J_y^2/4 + (f y + g^2 s) J_y + g^2 J_yy/2.
    const double J_t = -derivative([&](double s) { return closed_form_value(beta, s, y); }, tau);
    const double s = exact_score(test::toy_mixture(), tau, y);
    CHECK(J_t + 0.5 * J_y * J_y + (y + 2.0 * s) * J_y + J_yy == Approx(0.0).margin(1e-5));
  }
}

TEST_CASE("At time 0 the closed-form value is the reward") {
  for (const double y : {-2.0, 0.0, 4.0, 7.0}) {
    const double reward = -(y - 6.0) * (y - 6.0);
    CHECK(closed_form_value(0.1, 1e-9, y) == Approx(0.1 * reward).margin(1e-6));
  }
}

TEST_CASE("The mean value over the prior is the published one of the 1-D example") {
  const auto mean_value = [](double beta) {
    const double variance = test::toy_process()->variance(5.0);
    return integral(
        [&](double y) {
          return closed_form_value(beta, 5.0, y) * std::exp(-0.5 * y * y / variance) /
                 std::sqrt(2.0 * M_PI * variance);
        },
        -8.0, 8.0, 100);
  };

  CHECK(mean_value(0.1) == Approx(-2.23).margin(0.006));
  CHECK(mean_value(1.0) == Approx(-6.58).margin(0.006));
}

}  // namespace
