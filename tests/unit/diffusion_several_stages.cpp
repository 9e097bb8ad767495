// SPDX-License-Identifier: MIT
// The steps of solvers of several stages against their formulas, for the data N(0.5, 0.8).
#include <tropism/diffusion/simulator.hpp>

#include <cmath>

#include "support/catch.hpp"
#include "support/gaussian_law.hpp"

namespace {

using namespace tropism;
using diffusion::ForwardProcess;

constexpr test::Gaussian data = {0.5, 0.8};

std::shared_ptr<const ForwardProcess> some_process() {
  return diffusion::make_process(
      {.kind = GENERATE("ornstein-uhlenbeck", "vp-linear", "vp-cosine", "ve", "sub-vp")});
}

/// The states of a solver at these shares of T, from y = 2 sigma_T.
std::vector<double> path(const std::string& kind, const ForwardProcess& process,
                         const std::vector<double>& shares) {
  const auto score = test::exact_score(process, data);
  const auto simulator = diffusion::make_simulator({kind});
  const auto stepper = simulator->start(process);
  auto y = torch::full({1, 1}, 2.0 * process.prior_std(), torch::kFloat64);
  std::vector<double> states = {y.item<double>()};
  for (std::size_t k = 0; k + 1 < shares.size(); ++k) {
    const double s = shares[k] * process.terminal_time(),
                 t = shares[k + 1] * process.terminal_time();
    y = stepper->step({s, t}, y, score(y, s), {}, score);
    states.push_back(y.item<double>());
  }
  return states;
}

/// What the formulas are written in, at a share of T and a state.
struct At {
  At(const ForwardProcess& process, double share, double y) {
    const double t = share * process.terminal_time();
    const auto law = test::noised(process, data, t);
    a = process.signal(t);
    sigma = std::sqrt(process.variance(t));
    rho = sigma / a;
    eps = sigma * (y - law.mean) / law.variance;  // -sigma s
    x0 = (y - sigma * eps) / a;
    scaled = y / a;
  }
  double a, sigma, rho, eps, x0, scaled;
};

double close_to(double a, double b) {
  return std::abs(a - b) / (1.0 + std::abs(b));
}

TEST_CASE("Heun's step is the trapezoidal rule for d(y/a)/d rho = eps, its last step Euler's") {
  const auto process = some_process();
  const auto y = path("heun", *process, {1.0, 0.6, 0.0});

  const At s(*process, 1.0, y[0]);
  const double rho = At(*process, 0.6, 0.0).rho, a = At(*process, 0.6, 0.0).a;
  const At predicted(*process, 0.6, a * (s.scaled + (rho - s.rho) * s.eps));
  const double corrected = s.scaled + (rho - s.rho) * 0.5 * (s.eps + predicted.eps);

  CHECK(close_to(y[1], a * corrected) < 1e-12);
  CHECK(close_to(y[2], At(*process, 0.6, y[1]).x0) < 1e-10);
}

TEST_CASE("DPM-Solver++(2M) extrapolates x0, after a first step and before a last one of DDIM") {
  const auto process = some_process();
  const auto y = path("dpm-solver++2m", *process, {1.0, 0.8, 0.5, 0.0});

  const At first(*process, 1.0, y[0]), second(*process, 0.8, y[1]), third(*process, 0.5, y[2]);
  const double h1 = std::log(first.rho / second.rho), h2 = std::log(second.rho / third.rho);
  const double r = h1 / h2;
  const double D = (1.0 + 0.5 / r) * second.x0 - 0.5 / r * first.x0;
  const double expected = third.sigma / second.sigma * y[1] - third.a * std::expm1(-h2) * D;

  CHECK(close_to(y[1], path("ddim", *process, {1.0, 0.8})[1]) < 1e-10);
  CHECK(close_to(y[2], expected) < 1e-10);
  CHECK(close_to(y[3], third.x0) < 1e-10);
}

TEST_CASE("DEIS extrapolates eps linearly in rho, after a first step of DDIM") {
  const auto process = some_process();
  const auto y = path("deis", *process, {1.0, 0.8, 0.5, 0.0});
  const auto next = [](const At& before, const At& now, double rho) {
    const double slope = (now.eps - before.eps) / (now.rho - before.rho);
    const double h = rho - now.rho;
    return now.scaled + h * now.eps + 0.5 * h * h * slope;  // the integral of that line
  };

  const At first(*process, 1.0, y[0]), second(*process, 0.8, y[1]), third(*process, 0.5, y[2]);

  CHECK(close_to(y[1], path("ddim", *process, {1.0, 0.8})[1]) < 1e-10);
  CHECK(close_to(y[2], third.a * next(first, second, third.rho)) < 1e-10);
  CHECK(close_to(y[3], next(second, third, 0.0)) < 1e-10);
}

TEST_CASE("A solver asks for actions elsewhere only if it has several stages, and only above 0") {
  const std::string kind = GENERATE("euler-maruyama", "exponential", "ode-euler", "ddim", "heun",
                                    "dpm-solver++2m", "deis");
  const auto process = some_process();
  const auto simulator = diffusion::make_simulator({kind});
  std::vector<double> asked;
  const diffusion::ActionAt remember = [&](const torch::Tensor& y, double t) {
    asked.push_back(t);
    return -y;
  };

  const auto stepper = simulator->start(*process);
  auto y = torch::ones({2, 1});
  for (const auto step : {diffusion::Step{3.0, 2.0}, diffusion::Step{2.0, 0.0}})
    y = stepper->step(step, y, -y, torch::ones_like(y), remember);

  CHECK(asked == (kind == "heun" ? std::vector<double>{2.0} : std::vector<double>{}));
  CHECK(y.isfinite().all().item<bool>());
}

TEST_CASE("Each batch begins anew: a stepper knows nothing of another one's steps") {
  const std::string kind = GENERATE("dpm-solver++2m", "deis");
  const auto process = some_process();
  const auto simulator = diffusion::make_simulator({kind});
  const auto score = test::exact_score(*process, data);
  const auto y = torch::ones({1, 1}, torch::kFloat64);
  const auto first_step = [&](diffusion::Stepper& stepper) {
    return stepper.step({3.0, 2.0}, y, score(y, 3.0), {}, score);
  };

  const auto used = simulator->start(*process), fresh = simulator->start(*process);
  const auto first = first_step(*used);
  static_cast<void>(used->step({2.0, 1.0}, first, score(first, 2.0), {}, score));

  CHECK(torch::equal(first_step(*fresh), first));
}

}  // namespace
