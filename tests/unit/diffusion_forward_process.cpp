// SPDX-License-Identifier: MIT
#include <tropism/diffusion/forward_process.hpp>

#include <cmath>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/reference/quadrature.hpp"

namespace {

using namespace tropism;
using diffusion::OrnsteinUhlenbeck;
using test::reference::integral;

/// F(t) = int_0^t f
double accumulated_drift(const diffusion::ForwardProcess& process, double t) {
  return integral([&](double s) { return process.drift(s); }, 0.0, t, 100);
}

/// v_t = int_0^t e^{-2 (F(t) - F(s))} g(s)^2 ds, eq. (2)
double accumulated_variance(const diffusion::ForwardProcess& process, double t) {
  const double end = accumulated_drift(process, t);
  return integral(
      [&](double s) {
        return std::exp(-2.0 * (end - accumulated_drift(process, s))) *
               process.diffusion_squared(s);
      },
      0.0, t, 400);
}

TEST_CASE("Signal and variance of the Ornstein-Uhlenbeck process are the integrals of eq. (2)") {
  const double drift = GENERATE(0.3, 1.0, 2.5);
  const double diffusion = GENERATE(0.5, 1.4142135623730951);
  const double t = GENERATE(0.01, 0.5, 3.0);
  const OrnsteinUhlenbeck process(5.0, drift, diffusion);

  const double signal = process.signal(t), variance = process.variance(t);

  CHECK(signal == Approx(std::exp(-accumulated_drift(process, t))).epsilon(1e-9));
  CHECK(variance == Approx(accumulated_variance(process, t)).epsilon(1e-8));
}

TEST_CASE("With f = 1 and g = sqrt 2 the process is that of eq. (32)") {
  const OrnsteinUhlenbeck process(5.0, 1.0, std::sqrt(2.0));

  CHECK(process.signal(0.25) == Approx(std::exp(-0.25)).epsilon(1e-14));
  CHECK(process.variance(0.25) == Approx(1.0 - std::exp(-0.5)).epsilon(1e-13));
  CHECK(process.prior_std() == Approx(std::sqrt(1.0 - std::exp(-10.0))).epsilon(1e-14));
}

TEST_CASE("The variance of a very small time keeps its digits in float32") {
  const OrnsteinUhlenbeck process(5.0, 1.0, std::sqrt(2.0));
  const auto t = torch::tensor({1e-9F, 1e-6F});

  const auto variance = process.variance(t);

  // v_t = 2 t (1 - t + ...)
  CHECK(variance.dtype() == torch::kFloat32);
  CHECK(variance[0].item<double>() == Approx(2e-9).epsilon(3e-7));
  CHECK(variance[1].item<double>() == Approx(2e-6 * (1.0 - 1e-6)).epsilon(3e-7));
}

TEST_CASE("A process noised twice is noised once for the sum of the times") {
  const OrnsteinUhlenbeck process(5.0, 0.7, 1.3);
  const double s = 0.4, t = 1.1;

  const double signal = process.signal(s) * process.signal(t);
  const double variance =
      process.variance(s) * std::pow(process.signal(t), 2) + process.variance(t);

  CHECK(process.signal(s + t) == Approx(signal).epsilon(1e-12));
  CHECK(process.variance(s + t) == Approx(variance).epsilon(1e-12));
}

TEST_CASE("The prior has the variance of pure noise at the terminal time") {
  const auto process =
      diffusion::make_process({.terminal_time = 2.0, .drift = 0.5, .diffusion = 0.8});

  CHECK(process->terminal_time() == 2.0);
  CHECK(std::pow(process->prior_std(), 2) == Approx(accumulated_variance(*process, 2.0)));
}

/// One of each kind, with T and the numbers away from their defaults in some.
diffusion::ProcessConfig some_process() {
  return GENERATE(
      diffusion::ProcessConfig{},
      diffusion::ProcessConfig{.terminal_time = 4.0, .drift = 0.0, .diffusion = 0.7},
      diffusion::ProcessConfig{.kind = "vp-linear"},
      diffusion::ProcessConfig{
          .kind = "vp-linear", .terminal_time = 1.0, .beta_min = 0.3, .beta_max = 9.0},
      diffusion::ProcessConfig{.kind = "vp-cosine"},
      diffusion::ProcessConfig{
          .kind = "vp-cosine", .terminal_time = 1.0, .cosine_offset = 0.05, .cosine_end = 0.9},
      diffusion::ProcessConfig{.kind = "ve"},
      diffusion::ProcessConfig{
          .kind = "ve", .terminal_time = 1.0, .sigma_min = 0.1, .sigma_max = 5.0},
      diffusion::ProcessConfig{.kind = "sub-vp"},
      diffusion::ProcessConfig{
          .kind = "sub-vp", .terminal_time = 1.0, .beta_min = 0.3, .beta_max = 9.0});
}

TEST_CASE("Signal and variance of every process are the integrals of its drift and diffusion") {
  const auto process = diffusion::make_process(some_process());
  // cells.
  const double t = GENERATE(0.01, 0.3, 0.9) * process->terminal_time();

  const double signal = process->signal(t), variance = process->variance(t);

  // a' = -f a and v' = -2 f v + g^2, from a_0 = 1 and v_0 = 0
  CHECK(process->signal(0.0) == Approx(1.0).epsilon(1e-14));
  CHECK(process->variance(0.0) == Approx(0.0).margin(1e-14));
  CHECK(signal == Approx(std::exp(-accumulated_drift(*process, t))).epsilon(1e-6));
  CHECK(variance == Approx(accumulated_variance(*process, t)).epsilon(1e-6));
}

TEST_CASE("A score held over a step of any process weighs the integral of (a_to/a_u) g_u^2") {
  const auto process = diffusion::make_process(some_process());
  const auto [from, to] = GENERATE(table<double, double>({{0.9, 0.5}, {0.3, 0.25}, {0.2, 0.0}}));
  const double s = from * process->terminal_time(), t = to * process->terminal_time();

  const double weight = process->held_score_weight(s, t);

  const double expected = integral(
      [&](double u) {
        return process->signal(t) / process->signal(u) * process->diffusion_squared(u);
      },
      t, s);
  CHECK(weight == Approx(expected).epsilon(1e-8));
}

TEST_CASE("Tensors of times give the numbers that single times give") {
  const auto process = diffusion::make_process(some_process());
  const auto share = torch::tensor({1e-6, 1e-3, 0.1, 0.5, 0.999, 1.0}, torch::kFloat64);
  const auto times = share * process->terminal_time();

  const auto signal = process->signal(times), variance = process->variance(times);
  const auto in_float32 = process->variance(times.to(torch::kFloat32));

  CHECK(in_float32.dtype() == torch::kFloat32);
  for (std::int64_t i = 0; i < times.size(0); ++i) {
    const double t = times[i].item<double>();
    CHECK(signal[i].item<double>() == Approx(process->signal(t)).epsilon(1e-12));
    CHECK(variance[i].item<double>() == Approx(process->variance(t)).epsilon(1e-12));
    CHECK(in_float32[i].item<double>() == Approx(process->variance(t)).epsilon(3e-6));
  }
}

TEST_CASE("The noise-to-signal ratio rises from 0, strictly") {
  const auto process = diffusion::make_process(some_process());
  double before = 0.0;

  CHECK(process->noise_to_signal(0.0) == 0.0);
  for (int i = 1; i <= 100; ++i) {
    const double rho = process->noise_to_signal(process->terminal_time() * i / 100.0);
    CHECK(rho > before);
    before = rho;
  }
}

TEST_CASE(
    "With their defaults the processes leave the signal and the noise that their authors say") {
  const auto signal_at_end = [](const std::string& kind) {
    return diffusion::make_process({.kind = kind})->signal(3.0);
  };
  const auto prior_std = [](const std::string& kind) {
    return diffusion::make_process({.kind = kind})->prior_std();
  };

  // a_T = e^{-(beta_min + beta_max)/4}, whatever T
  CHECK(signal_at_end("vp-linear") == Approx(std::exp(-5.025)).epsilon(1e-12));
  CHECK(signal_at_end("sub-vp") == Approx(std::exp(-5.025)).epsilon(1e-12));
  CHECK(signal_at_end("vp-cosine") < 0.01);
  CHECK(signal_at_end("ve") == 1.0);
  CHECK(prior_std("vp-linear") == Approx(1.0).epsilon(1e-4));
  CHECK(prior_std("vp-cosine") == Approx(1.0).epsilon(1e-4));
  CHECK(prior_std("sub-vp") == Approx(1.0).epsilon(1e-4));
  CHECK(prior_std("ve") == Approx(50.0).epsilon(1e-6));
}

TEST_CASE("A process that makes no sense is refused with its key") {
  const auto refused = [](const diffusion::ProcessConfig& config) {
    return test::message_of<base::ConfigError>([&] { return diffusion::make_process(config); });
  };

  CHECK(test::contains(refused({.kind = "ornstein"}), "[process] kind"));
  CHECK(test::contains(refused({.terminal_time = 0.0}), "[process] terminal_time"));
  CHECK(test::contains(refused({.drift = -1.0}), "[process] drift"));
  CHECK(
      test::contains(refused({.kind = "vp"}),
                     "\"ornstein-uhlenbeck\", \"vp-linear\", \"vp-cosine\", \"ve\" or \"sub-vp\""));
  CHECK(test::contains(refused({.kind = "vp-linear", .beta_min = 0.0}), "[process] beta_min"));
  CHECK(test::contains(refused({.kind = "sub-vp", .beta_min = 2.0, .beta_max = 1.0}),
                       "[process] beta_max"));
  CHECK(test::contains(refused({.kind = "vp-cosine", .cosine_offset = 1.0}), "cosine_offset"));
  CHECK(test::contains(refused({.kind = "vp-cosine", .cosine_end = 1.0}), "[process] cosine_end"));
  CHECK(test::contains(refused({.kind = "ve", .sigma_min = 0.0}), "[process] sigma_min"));
  CHECK(test::contains(refused({.kind = "ve", .sigma_min = 2.0, .sigma_max = 2.0}),
                       "greater than sigma_min = 2.0"));
  CHECK(test::contains(refused({.diffusion = std::nan("")}), "[process] diffusion"));
}

TEST_CASE("A key of another kind of process is refused with the kinds that it belongs to") {
  const auto message = test::message_of<base::ConfigError>(
      [] { return diffusion::make_process({.kind = "ve", .beta_max = 10.0}); });

  CHECK(test::contains(message, "[process] beta_max = 10.0"));
  CHECK(test::contains(message, "vp-linear or sub-vp alone"));
}

TEST_CASE("A process that leaves less signal than float32 can hold is refused with its key") {
  const auto refused = [](const diffusion::ProcessConfig& config) {
    return test::message_of<base::ConfigError>([&] { return diffusion::make_process(config); });
  };

  CHECK(test::contains(refused({.terminal_time = 50.0}), "[process] terminal_time"));
  CHECK(test::contains(refused({.kind = "vp-linear", .beta_max = 500.0}), "[process] beta_max"));
  CHECK(test::contains(refused({.kind = "ve", .sigma_max = 1e20}), "[process] sigma_max"));
}

}  // namespace
