// SPDX-License-Identifier: MIT
// Orders of convergence, and where solvers converge to, by the closed-form law of Gaussian data.
#include <tropism/diffusion/simulator.hpp>

#include "support/catch.hpp"
#include "support/gaussian_law.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using test::Gaussian;

std::vector<double> times_of(const diffusion::TimeGrid& grid) {
  std::vector<double> times;
  for (std::int64_t k = 0; k <= grid.steps(); ++k) times.push_back(grid.noise_time(k));
  return times;
}

/// What is wrong at noise time 0.1, after so many steps of equal ratio from p_T at T = 2.
double error_above_0(const diffusion::SimulatorConfig& config, int steps) {
  constexpr Gaussian data = {1.5, 0.25};
  constexpr double first = 2.0, last = 0.1;
  const auto process = test::toy_process(first);
  std::vector<double> times;
  for (int k = 0; k <= steps; ++k)
    times.push_back(first * std::pow(last / first, k / static_cast<double>(steps)));
  const auto law = test::law_at_end(*diffusion::make_simulator(config), *process, data, times,
                                    test::noised(*process, data, first));
  return test::distance(law, test::noised(*process, data, last));
}

TEST_CASE("The error of mean and standard deviation falls with the order of the solver") {
  const auto [config, order] = GENERATE(table<diffusion::SimulatorConfig, double>({
      {{"euler-maruyama"}, 1.0},
      {{"exponential"}, 1.0},
      {{"ode-euler"}, 1.0},
      {{"ddim", 0.0}, 1.0},
      {{"ddim", 0.5}, 1.0},
      {{"ddim", 1.0}, 1.0},
      {{"heun"}, 2.0},
      {{"dpm-solver++2m"}, 2.0},
      {{"deis"}, 2.0},
  }));
  CAPTURE(config.kind, config.eta);

  const double coarse = error_above_0(config, 160), fine = error_above_0(config, 320),
               finest = error_above_0(config, 640);

  // Terms of the next order are a share of a few over `steps` of the leading one.
  UNSCOPED_INFO("orders " << std::log2(coarse / fine) << ", " << std::log2(fine / finest));
  CHECK(std::log2(coarse / fine) == Approx(order).margin(0.05));
  CHECK(std::log2(fine / finest) == Approx(order).margin(0.02));
}

/// The largest error of K steps down to 0. Euler's step for the ODE shrinks noise of variance v by
/// 1
/// - h/2 in the place of e^{-h/2}, h = -d log v: that is an error of h^2/8 in the logarithm, and of
/// h Lambda/8 in all where log v falls by Lambda to the data's: with VE's h = 17/K and Lambda = 8,
/// 17/K, and more by the next order. All others have the exact factor for the noise or for the
/// state. On a uniform grid the last steps of DDIM halve v however small they are: an error of log
/// K/K. Solvers of second order have their last step in first order.
double largest_error(const std::string& simulator, int steps) {
  if (simulator == "ode-euler") return 24.0 / steps;
  if (simulator == "ddim") return 3.0 * std::log(steps) / steps;
  if (simulator == "euler-maruyama" || simulator == "exponential") return 8.0 / steps;
  return 4.0 / steps;
}

TEST_CASE("Every solver takes every process to the data on every grid, as its steps get smaller") {
  const std::string process_kind =
      GENERATE("ornstein-uhlenbeck", "vp-linear", "vp-cosine", "ve", "sub-vp");
  const std::string grid_kind = GENERATE("uniform", "log-snr", "karras");
  const auto config =
      GENERATE(diffusion::SimulatorConfig{"euler-maruyama"},
               diffusion::SimulatorConfig{"exponential"}, diffusion::SimulatorConfig{"ode-euler"},
               diffusion::SimulatorConfig{"ddim", 0.0}, diffusion::SimulatorConfig{"ddim", 0.5},
               diffusion::SimulatorConfig{"ddim", 1.0}, diffusion::SimulatorConfig{"heun"},
               diffusion::SimulatorConfig{"dpm-solver++2m"}, diffusion::SimulatorConfig{"deis"});
  const int steps = GENERATE(20, 80, 320);
  CAPTURE(process_kind, grid_kind, config.kind, config.eta, steps);
  constexpr Gaussian data = {0.5, 1.0};
  const auto process = diffusion::make_process({.kind = process_kind});
  const auto grid = diffusion::make_time_grid({.kind = grid_kind, .steps = steps}, *process);

  const auto law = test::law_at_end(*diffusion::make_simulator(config), *process, data,
                                    times_of(grid), test::noised(*process, data, 3.0));

  CHECK(test::distance(law, data) < largest_error(config.kind, steps));
}

TEST_CASE("From the prior the data's mean is missed by the share of it that is left at T") {
  const std::string kind = GENERATE("ornstein-uhlenbeck", "vp-linear", "vp-cosine", "ve", "sub-vp");
  constexpr Gaussian data = {0.5, 1.0};
  const auto process = diffusion::make_process({.kind = kind});
  const auto grid = diffusion::make_time_grid({.kind = "karras", .steps = 320}, *process);

  const auto law = test::law_at_end(*diffusion::make_simulator({"heun"}), *process, data,
                                    times_of(grid), {0.0, process->variance(3.0)});

  // The ODE maps p_T to the data linearly: m - a_T m sd/sd_T, and sd prior/sd_T.
  const auto end = test::noised(*process, data, 3.0);
  CHECK(law.mean == Approx(data.mean - end.mean * data.std() / end.std()).margin(1e-3));
  CHECK(law.std() == Approx(data.std() * process->prior_std() / end.std()).margin(3e-3));
}

}  // namespace
