// SPDX-License-Identifier: MIT
#include <tropism/diffusion/time_grid.hpp>

#include <cmath>
#include <functional>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"

namespace {

using namespace tropism;
using diffusion::OrnsteinUhlenbeck;
using diffusion::TimeGrid;

std::shared_ptr<const diffusion::ForwardProcess> process_of(const std::string& kind) {
  return diffusion::make_process({.kind = kind});
}

std::string some_kind() {
  return GENERATE("ornstein-uhlenbeck", "vp-linear", "vp-cosine", "ve", "sub-vp");
}

/// Checks a grid of 12 steps whose times' noise-to-signal ratios are equidistant on some scale,
/// down to 0.02 T, and that its last step ends at 0.
void check_equal_steps(const TimeGrid& grid, const diffusion::ForwardProcess& process,
                       const std::function<double(double)>& scale) {
  const auto at = [&](std::int64_t k) {
    return scale(process.noise_to_signal(grid.noise_time(k)));
  };
  const double step = (at(11) - at(0)) / 11.0;
  REQUIRE(grid.steps() == 12);
  CHECK(grid.noise_time(0) == process.terminal_time());
  CHECK(grid.noise_time(11) == Approx(0.02 * process.terminal_time()).epsilon(1e-14));
  CHECK(grid.noise_time(12) == 0.0);
  for (std::int64_t k = 0; k < 11; ++k) CHECK(at(k + 1) - at(k) == Approx(step).epsilon(1e-8));
}

TEST_CASE("A uniform grid runs from the terminal time to exactly 0 in equal steps") {
  const int steps = GENERATE(1, 3, 20, 49);
  const double terminal_time = GENERATE(0.1, 3.0, 5.0);

  const auto grid =
      diffusion::make_time_grid({.steps = steps}, OrnsteinUhlenbeck(terminal_time, 1.0, 1.0));

  REQUIRE(grid.steps() == steps);
  CHECK(grid.noise_time(0) == Approx(terminal_time).epsilon(1e-15));
  CHECK(grid.noise_time(steps) == 0.0);
  for (std::int64_t k = 0; k < steps; ++k)
    CHECK(grid.step_size(k) == Approx(terminal_time / steps).epsilon(1e-12));
}

TEST_CASE("A grid of unequal steps keeps them") {
  const TimeGrid grid({2.0, 0.5, 0.1, 0.0});

  CHECK(grid.steps() == 3);
  CHECK(grid.step_size(0) == 1.5);
  CHECK(grid.step_size(1) == Approx(0.4));
  CHECK(grid.step_size(2) == 0.1);
}

TEST_CASE("Times that do not fall to 0 are refused") {
  CHECK_THROWS_AS(TimeGrid({0.0}), base::ContractError);
  CHECK_THROWS_AS(TimeGrid({1.0, 0.5}), base::ContractError);
  CHECK_THROWS_AS(TimeGrid({1.0, 1.0, 0.0}), base::ContractError);
  CHECK_THROWS_AS(TimeGrid({0.5, 1.0, 0.0}), base::ContractError);
  CHECK_THROWS_AS(TimeGrid({1.0, std::nan(""), 0.0}), base::ContractError);
}

TEST_CASE("A grid without a step is refused with its key") {
  const auto message = test::message_of<base::ConfigError>(
      [] { return diffusion::make_time_grid({.steps = 0}, *process_of("ve")); });

  CHECK(test::contains(message, "[time_grid] steps"));
  CHECK_THROWS_AS(diffusion::make_time_grid({.kind = "log"}, *process_of("ve")), base::ConfigError);
}

TEST_CASE("A log-snr grid of any process falls in equal steps of the log signal-to-noise ratio") {
  const auto process = process_of(some_kind());

  const auto grid =
      diffusion::make_time_grid({.kind = "log-snr", .steps = 12, .smallest_time = 0.02}, *process);

  check_equal_steps(grid, *process, [](double rho) { return -2.0 * std::log(rho); });
}

TEST_CASE("A Karras grid of any process falls in equal steps of a power of the noise") {
  const auto process = process_of(some_kind());
  const double rho = GENERATE(7.0, 1.0, 3.5);

  const auto grid = diffusion::make_time_grid(
      {.kind = "karras", .steps = 12, .smallest_time = 0.02, .rho = rho}, *process);

  check_equal_steps(grid, *process, [rho](double ratio) { return std::pow(ratio, 1.0 / rho); });
}

TEST_CASE("A grid of one or two steps goes from T to 0, by way of the smallest time") {
  const std::string kind = GENERATE("log-snr", "karras");
  const auto process = process_of(some_kind());

  const auto one = diffusion::make_time_grid({.kind = kind, .steps = 1}, *process);
  const auto two = diffusion::make_time_grid({.kind = kind, .steps = 2}, *process);

  CHECK(one.step_size(0) == process->terminal_time());
  CHECK(two.noise_time(1) == Approx(1e-3 * process->terminal_time()));
  CHECK(two.noise_time(2) == 0.0);
}

TEST_CASE("A smallest time outside (0, 1), and a power that is not positive, are refused") {
  const auto refused = [](const diffusion::TimeGridConfig& config) {
    return test::message_of<base::ConfigError>(
        [&] { return diffusion::make_time_grid(config, *process_of("ve")); });
  };

  CHECK(test::contains(refused({.kind = "karras", .smallest_time = 0.0}), "smallest_time"));
  CHECK(test::contains(refused({.kind = "log-snr", .smallest_time = 1.0}), "smallest_time"));
  CHECK(test::contains(refused({.kind = "karras", .rho = 0.0}), "[time_grid] rho"));
  CHECK(test::contains(refused({.kind = "log"}), "\"uniform\", \"log-snr\" or \"karras\""));
}

}  // namespace
