// SPDX-License-Identifier: MIT
#include <tropism/diffusion/simulator.hpp>

#include <cmath>

#include <tropism/diffusion/time_grid.hpp>
#include <tropism/score/gaussian_mixture.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

struct Gaussian {
  double mean, variance;
};

/// Data N(1.5, 0.25): everything stays Gaussian, and a step is affine in the state and the noise.
constexpr Gaussian data = {1.5, 0.25};

score::GaussianMixture one_component() {
  return {torch::ones({1}, torch::kFloat64), torch::full({1, 1}, data.mean, torch::kFloat64),
          torch::full({1}, data.variance, torch::kFloat64)};
}

/// One step with the exact score from y in {0, 1}, and from 0 with noise 1.
Gaussian after_step(Gaussian law, const diffusion::TimeGrid& grid, std::int64_t k) {
  const auto process = test::toy_process(2.0);
  const score::MixtureScore score(process, one_component());
  const auto y = torch::tensor({0.0, 1.0, 0.0}, torch::kFloat64).view({3, 1});
  const auto noise = torch::tensor({0.0, 0.0, 1.0}, torch::kFloat64).view({3, 1});
  const auto action = score.score(y, torch::full({3}, grid.noise_time(k), torch::kFloat64));
  const auto next = diffusion::EulerMaruyama().step(*process, grid.noise_time(k), grid.step_size(k),
                                                    y, action, noise);
  const double offset = next[0].item<double>(), slope = next[1].item<double>() - offset,
               noise_std = next[2].item<double>() - offset;
  return {offset + slope * law.mean, slope * slope * law.variance + noise_std * noise_std};
}

/// The law at time 0 of the reverse process with the exact score, started from the exact p_T.
Gaussian terminal_law(int steps) {
  const auto process = test::toy_process(2.0);
  const auto grid = diffusion::make_time_grid({.steps = steps}, *process);
  const double a = process->signal(2.0);
  Gaussian law = {a * data.mean, a * a * data.variance + process->variance(2.0)};
  for (std::int64_t k = 0; k < grid.steps(); ++k) law = after_step(law, grid, k);
  return law;
}

TEST_CASE("A step of Euler-Maruyama is that of eq. (33)") {
  const auto process = test::toy_process();
  const auto simulator = diffusion::make_simulator({});
  const auto y = test::normal_points(5, 3, 1), action = test::normal_points(5, 3, 2),
             noise = test::normal_points(5, 3, 3);

  const auto next = simulator->step(*process, 1.0, 0.25, y, action, noise);

  const auto expected = y + (y + 2.0 * action) * 0.25 + std::sqrt(0.5) * noise;
  CHECK(test::largest_difference(next, expected) < 1e-6);
}

TEST_CASE("A step uses drift and diffusion of the process") {
  const diffusion::OrnsteinUhlenbeck process(5.0, 0.3, 0.8);
  const auto y = test::normal_points(4, 2, 1), action = test::normal_points(4, 2, 2),
             noise = test::normal_points(4, 2, 3);

  const auto next = diffusion::EulerMaruyama().step(process, 1.0, 0.1, y, action, noise);

  const auto expected = y + (0.3 * y + 0.64 * action) * 0.1 + 0.8 * std::sqrt(0.1) * noise;
  CHECK(test::largest_difference(next, expected) < 1e-6);
}

TEST_CASE("A step without noise is the mean of the steps with noise, and changes nothing else") {
  const auto process = test::toy_process();
  const auto y = test::normal_points(5, 3, 1), action = test::normal_points(5, 3, 2);
  const auto y_before = y.clone(), action_before = action.clone();
  const diffusion::EulerMaruyama simulator;

  const auto silent = simulator.step(*process, 1.0, 0.1, y, action, torch::Tensor());
  const auto zero = simulator.step(*process, 1.0, 0.1, y, action, torch::zeros_like(y));

  CHECK(torch::equal(silent, zero));
  CHECK(torch::equal(y, y_before));
  CHECK(torch::equal(action, action_before));
}

TEST_CASE("The errors of mean and variance halve with the step: Euler-Maruyama has weak order 1") {
  const auto error_of = [](int steps) {
    const auto law = terminal_law(steps);
    return Gaussian{std::abs(law.mean - data.mean), std::abs(law.variance - data.variance)};
  };

  const auto coarse = error_of(400), fine = error_of(800), finest = error_of(1600);

  CHECK(coarse.mean / fine.mean == Approx(2.0).epsilon(0.05));
  CHECK(fine.mean / finest.mean == Approx(2.0).epsilon(0.03));
  CHECK(coarse.variance / fine.variance == Approx(2.0).epsilon(0.05));
  CHECK(fine.variance / finest.variance == Approx(2.0).epsilon(0.03));
  CHECK(finest.mean < 0.01);
  CHECK(finest.variance < 0.01);
}

}  // namespace
