// SPDX-License-Identifier: MIT
// The steps of solvers of one stage against their formulas.
#include <tropism/diffusion/simulator.hpp>

#include <cmath>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using diffusion::ForwardProcess;

const auto y = test::normal_points(5, 3, 1).to(torch::kFloat64);
const auto action = test::normal_points(5, 3, 2).to(torch::kFloat64);
const auto noise = test::normal_points(5, 3, 3).to(torch::kFloat64);

torch::Tensor one_step(const diffusion::SimulatorConfig& config, const ForwardProcess& process,
                       diffusion::Step step, const torch::Tensor& xi) {
  return diffusion::make_simulator(config)->start(process)->step(step, y, action, xi, {});
}

std::shared_ptr<const ForwardProcess> some_process() {
  return diffusion::make_process(
      {.kind = GENERATE("ornstein-uhlenbeck", "vp-linear", "vp-cosine", "ve", "sub-vp")});
}

TEST_CASE("A step of Euler-Maruyama is that of eq. (33)") {
  const auto next = one_step({}, *test::toy_process(), {1.0, 0.75}, noise);

  const auto expected = y + (y + 2.0 * action) * 0.25 + std::sqrt(0.5) * noise;
  CHECK(test::largest_difference(next, expected) < 1e-14);
}

TEST_CASE("Euler's steps use drift and diffusion of the process where they start") {
  const diffusion::OrnsteinUhlenbeck process(5.0, 0.3, 0.8);

  const auto sde = one_step({"euler-maruyama"}, process, {1.0, 0.9}, noise);
  const auto ode = one_step({"ode-euler"}, process, {1.0, 0.9}, noise);

  const auto expected = y + (0.3 * y + 0.64 * action) * 0.1 + 0.8 * std::sqrt(0.1) * noise;
  CHECK(test::largest_difference(sde, expected) < 1e-14);
  CHECK(test::largest_difference(ode, y + (0.3 * y + 0.32 * action) * 0.1) < 1e-14);
}

TEST_CASE("An exponential step with f = 1 and g = sqrt 2 is the known one") {
  const auto next = one_step({"exponential"}, *test::toy_process(), {1.0, 0.7}, noise);

  // e^{dt} y + 2 (e^{dt} - 1) a + sqrt(e^{2 dt} - 1) xi
  const auto expected =
      std::exp(0.3) * y + 2.0 * std::expm1(0.3) * action + std::sqrt(std::expm1(0.6)) * noise;
  CHECK(test::largest_difference(next, expected) < 1e-13);
}

TEST_CASE("An exponential step is the limit of small Euler steps with the same action") {
  const auto process = some_process();
  const double from = 0.6 * process->terminal_time(), to = 0.5 * process->terminal_time();
  constexpr int parts = 20000;

  const auto simulator = diffusion::make_simulator({"exponential"});
  const auto step = [&](const torch::Tensor& xi) {
    return simulator->start(*process)->step({from, to}, y, action, xi, {});
  };
  const auto silent = step({}), response = step(torch::ones_like(y)) - silent;

  double state = 1.0, score = 0.0, variance = 0.0;  // y' = state y + score a, and what noise adds
  for (int i = 0; i < parts; ++i) {
    const double h = (from - to) / parts, t = from - h * (i + 0.5);
    const double growth = 1.0 + process->drift(t) * h, g_squared = process->diffusion_squared(t);
    state *= growth;
    score = growth * score + g_squared * h;
    variance = growth * growth * variance + g_squared * h;
  }
  CHECK(test::largest_difference(silent, state * y + score * action) < 1e-3 * (state + score));
  CHECK(response.square().mean().item<double>() == Approx(variance).epsilon(1e-3));
}

TEST_CASE("DDIM with eta = 0 is the ODE's exact step with eps held, and takes no noise") {
  const auto process = some_process();
  const double s = 0.6 * process->terminal_time(), t = 0.4 * process->terminal_time();

  const auto next = one_step({"ddim", 0.0}, *process, {s, t}, noise);

  // (a_t/a_s) y + sigma_t sigma_s (e^h - 1) a, h = log(rho_s/rho_t)
  const double sigma = std::sqrt(process->variance(s) * process->variance(t));
  const double rise = process->noise_to_signal(s) / process->noise_to_signal(t) - 1.0;
  const auto expected = process->signal(t) / process->signal(s) * y + sigma * rise * action;
  CHECK(test::largest_difference(next, expected) < 1e-12 * (1.0 + sigma * rise));
}

TEST_CASE("DDIM with eta = 1 draws from the forward process given its start and its end") {
  const auto process = some_process();
  const double s = 0.6 * process->terminal_time(), t = 0.4 * process->terminal_time();

  const auto next = one_step({"ddim", 1.0}, *process, {s, t}, noise);

  // x_t | x_0 is N(a_t x_0, v_t) and x_s | x_t is N(r x_t, q): their product, at x_0 = (y + v
  // a)/a_s
  const double r = process->signal(s) / process->signal(t);
  const double q = process->variance(s) - r * r * process->variance(t);
  const double posterior = 1.0 / (1.0 / process->variance(t) + r * r / q);
  const auto x0 = (y + process->variance(s) * action) / process->signal(s);
  const auto mean = posterior * (process->signal(t) * x0 / process->variance(t) + r * y / q);
  const auto expected = mean + std::sqrt(posterior) * noise;
  CHECK(test::largest_difference(next, expected) < 1e-9 * expected.abs().max().item<double>());
}

TEST_CASE("A DDIM step keeps the variance that the forward process has, whatever eta") {
  const double eta = GENERATE(0.0, 0.3, 1.0);
  const auto process = some_process();
  const double s = 0.6 * process->terminal_time(), t = 0.4 * process->terminal_time();
  const auto step = [&](double state, double xi) {
    // of data that are all 0: the score is -y/v
    const auto start = torch::full({1, 1}, state, torch::kFloat64);
    return diffusion::make_simulator({"ddim", eta})
        ->start(*process)
        ->step({s, t}, start, -start / process->variance(s), torch::full_like(start, xi), {})
        .item<double>();
  };

  const double variance =
      std::pow(step(1.0, 0.0), 2) * process->variance(s) + std::pow(step(0.0, 1.0), 2);

  CHECK(variance == Approx(process->variance(t)).epsilon(1e-12));
}

TEST_CASE("The last step of DDIM, to noise time 0, ends at the data that the action speaks of") {
  const double eta = GENERATE(0.0, 1.0);
  const auto process = some_process();
  const double s = 0.1 * process->terminal_time();

  const auto next = one_step({"ddim", eta}, *process, {s, 0.0}, noise);

  const auto x0 = (y + process->variance(s) * action) / process->signal(s);
  CHECK(test::largest_difference(next, x0) < 1e-12);
}

TEST_CASE("A step without noise is the mean of the steps with noise, and changes nothing else") {
  const std::string kind = GENERATE("euler-maruyama", "exponential", "ode-euler");
  const auto process = test::toy_process();
  const auto y_before = y.clone(), action_before = action.clone();

  const auto silent = one_step({kind}, *process, {1.0, 0.9}, torch::Tensor());
  const auto zero = one_step({kind}, *process, {1.0, 0.9}, torch::zeros_like(y));

  CHECK(torch::equal(silent, zero));
  CHECK(torch::equal(y, y_before));
  CHECK(torch::equal(action, action_before));
}

TEST_CASE(
    "The share of the score in the drift is 1 for the SDE, 1/2 for the ODE, in between DDIM's") {
  const auto share = [](const diffusion::SimulatorConfig& config) {
    return diffusion::make_simulator(config)->score_share();
  };

  for (const auto* kind : {"euler-maruyama", "exponential"}) CHECK(share({kind}) == 1.0);
  for (const auto* kind : {"ode-euler", "ddim", "heun", "dpm-solver++2m", "deis"})
    CHECK(share({kind}) == 0.5);
  CHECK(share({"ddim", 1.0}) == 1.0);
  CHECK(share({"ddim", 0.6}) == Approx(0.68));
}

TEST_CASE("That share is the action's weight over a short step, against g^2 dt") {
  const auto [config, share] = GENERATE(table<diffusion::SimulatorConfig, double>({
      {{"euler-maruyama"}, 1.0},
      {{"exponential"}, 1.0},
      {{"ode-euler"}, 0.5},
      {{"ddim", 0.0}, 0.5},
      {{"ddim", 0.6}, 0.68},
      {{"ddim", 1.0}, 1.0},
  }));
  const auto process = some_process();
  const double s = 0.5 * process->terminal_time(), dt = 1e-6 * s;
  const auto start = torch::zeros({1, 1}, torch::kFloat64), one = torch::ones_like(start);

  const auto moved =
      diffusion::make_simulator(config)->start(*process)->step({s, s - dt}, start, one, {}, {});

  const double weight = moved.item<double>() / (process->diffusion_squared(s) * dt);
  CHECK(weight == Approx(share).epsilon(1e-4));
}

TEST_CASE("A simulator that makes no sense is refused with those that do") {
  const auto refused = [](const diffusion::SimulatorConfig& config) {
    return test::message_of<base::ConfigError>([&] { return diffusion::make_simulator(config); });
  };

  CHECK(test::contains(refused({"euler"}),
                       "\"euler-maruyama\", \"exponential\", \"ode-euler\", \"ddim\", \"heun\", "
                       "\"dpm-solver++2m\" or \"deis\""));
  CHECK(test::contains(refused({"ddim", 1.5}), "[simulator] eta = 1.5"));
  CHECK(test::contains(refused({"ddim", -0.1}), "a number from 0 to 1"));
  CHECK(test::contains(refused({"ddim", std::nan("")}), "[simulator] eta"));
  CHECK(test::contains(refused({"heun", 0.5}), "it belongs to ddim alone"));
}

}  // namespace
