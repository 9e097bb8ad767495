// SPDX-License-Identifier: MIT
// Orders of convergence, and where solvers converge to, by the closed-form law of Gaussian data.
#include <tropism/diffusion/simulator.hpp>

#include <algorithm>

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

/// The largest error over three laws of data: one of them may be met by chance, where errors of
/// mean and spread change their signs with the number of steps. The more steps there are, the
/// nearer to 0 the last one starts.
double largest_error(const diffusion::ForwardProcess& process, const std::string& grid_kind,
                     const diffusion::SimulatorConfig& config, int steps) {
  const auto grid = diffusion::make_time_grid(
      {.kind = grid_kind, .steps = steps, .smallest_time = 0.02 / steps}, process);
  double largest = 0.0;
  for (const Gaussian data : {Gaussian{0.5, 1.0}, Gaussian{-1.5, 0.25}, Gaussian{2.0, 2.0}}) {
    const auto law =
        test::law_at_end(*diffusion::make_simulator(config), process, data, times_of(grid),
                         test::noised(process, data, process.terminal_time()));
    largest = std::max(largest, test::distance(law, data));
  }
  return largest;
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
  CAPTURE(process_kind, grid_kind, config.kind, config.eta);
  const auto process = diffusion::make_process({.kind = process_kind});

  const double few = largest_error(*process, grid_kind, config, 20),
               more = largest_error(*process, grid_kind, config, 80),
               many = largest_error(*process, grid_kind, config, 320);
  // The slowest, DDIM on a uniform grid, whose last steps halve v however small they are, has an
  // error of log K/K. A law missed in the limit would not let the error fall again and again.
  // (Where terms of first and second order cancel at 80 steps, the fall from 20 counts.)
  UNSCOPED_INFO("errors " << few << ", " << more << ", " << many);
  CHECK(more < few / 2.0);
  CHECK(many < std::max(more / 2.0, few / 8.0));
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
