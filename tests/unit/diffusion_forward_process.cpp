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
  return integral([&](double s) { return process.drift(s); }, 0.0, t, 20);
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

TEST_CASE("A process that makes no sense is refused with its key") {
  const auto refused = [](const diffusion::ProcessConfig& config) {
    return test::message_of<base::ConfigError>([&] { return diffusion::make_process(config); });
  };

  CHECK(test::contains(refused({.kind = "ornstein"}), "[process] kind"));
  CHECK(test::contains(refused({.terminal_time = 0.0}), "[process] terminal_time"));
  CHECK(test::contains(refused({.drift = -1.0}), "[process] drift"));
  CHECK(test::contains(refused({.diffusion = std::nan("")}), "[process] diffusion"));
}

}  // namespace
