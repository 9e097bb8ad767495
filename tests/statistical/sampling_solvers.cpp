// SPDX-License-Identifier: MIT
// Samples of Gaussian data by every simulator, in float32: their law is the one that is known in
// closed form for their steps, and with small steps that of the data.
#include <cmath>

#include <tropism/sampling/sampler.hpp>

#include "support/catch.hpp"
#include "support/fields.hpp"
#include "support/gaussian_law.hpp"

namespace {

using namespace tropism;

constexpr std::int64_t num_samples = 9600;
constexpr test::Gaussian data = {0.5, 1.0};

diffusion::SimulatorConfig some_simulator() {
  return GENERATE(diffusion::SimulatorConfig{"euler-maruyama"},
                  diffusion::SimulatorConfig{"exponential"},
                  diffusion::SimulatorConfig{"ode-euler"}, diffusion::SimulatorConfig{"ddim", 0.0},
                  diffusion::SimulatorConfig{"ddim", 0.5}, diffusion::SimulatorConfig{"ddim", 1.0},
                  diffusion::SimulatorConfig{"heun"}, diffusion::SimulatorConfig{"dpm-solver++2m"},
                  diffusion::SimulatorConfig{"deis"});
}

struct Setting {
  diffusion::ProcessConfig process;
  diffusion::TimeGridConfig grid;
  diffusion::SimulatorConfig simulator;
};

torch::Tensor draw(const Setting& setting) {
  const auto process = diffusion::make_process(setting.process);
  const auto exact = test::exact_score(*process, data);
  const auto score = test::score_function([&](const torch::Tensor& x, const torch::Tensor& t) {
    return exact(x, t[0].item<double>());
  });
  const sampling::Sampler sampler = {.process = process,
                                     .grid = diffusion::make_time_grid(setting.grid, *process),
                                     .simulator = diffusion::make_simulator(setting.simulator),
                                     .seed = 31,
                                     .last_step = sampling::LastStep::with_noise};
  return sampling::draw_samples(sampler, [&](comm::RowRange) { return score; }, {0, num_samples})
      .to(torch::kFloat64);
}

/// Whether mean and variance of samples are those of a law, within 6 standard errors.
void check_law(const torch::Tensor& samples, test::Gaussian law) {
  const auto n = static_cast<double>(num_samples);
  CHECK(std::abs(samples.mean().item<double>() - law.mean) < 6.0 * law.std() / std::sqrt(n));
  CHECK(std::abs(samples.var().item<double>() - law.variance) <
        6.0 * law.variance * std::sqrt(2.0 / n));
}

TEST_CASE("After 20 steps to 0 the samples have the law that is computed for these steps") {
  const std::string process_kind =
      GENERATE("ornstein-uhlenbeck", "vp-linear", "vp-cosine", "ve", "sub-vp");
  const std::string grid_kind = GENERATE("uniform", "log-snr", "karras");
  const Setting setting = {
      {.kind = process_kind}, {.kind = grid_kind, .steps = 20}, some_simulator()};
  CAPTURE(process_kind, grid_kind, setting.simulator.kind, setting.simulator.eta);
  const auto process = diffusion::make_process(setting.process);
  const auto grid = diffusion::make_time_grid(setting.grid, *process);
  std::vector<double> times;
  for (std::int64_t k = 0; k <= grid.steps(); ++k) times.push_back(grid.noise_time(k));

  const auto samples = draw(setting);

  check_law(samples, test::law_at_end(*diffusion::make_simulator(setting.simulator), *process, data,
                                      times, {0.0, std::pow(process->prior_std(), 2)}));
}

TEST_CASE("With small steps every simulator's samples have the variance of the data") {
  const Setting setting = {
      {.kind = "vp-linear"}, {.kind = "log-snr", .steps = 800}, some_simulator()};
  CAPTURE(setting.simulator.kind, setting.simulator.eta);

  const auto samples = draw(setting);

  // What steps of first order leave of the standard deviation is 8/800 at most, see the unit tests.
  const auto n = static_cast<double>(num_samples);
  CHECK(std::abs(samples.mean().item<double>() - data.mean) < 6.0 / std::sqrt(n) + 0.01);
  CHECK(std::abs(samples.var().item<double>() - data.variance) < 6.0 * std::sqrt(2.0 / n) + 0.02);
}

}  // namespace
