// SPDX-License-Identifier: MIT
#include <tropism/diffusion/time_grid.hpp>

#include <cmath>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"

namespace {

using namespace tropism;
using diffusion::TimeGrid;

TEST_CASE("A uniform grid runs from the terminal time to exactly 0 in equal steps") {
  const int steps = GENERATE(1, 3, 20, 49);
  const double terminal_time = GENERATE(0.1, 3.0, 5.0);

  const auto grid = diffusion::make_time_grid({.steps = steps}, terminal_time);

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
      [] { return diffusion::make_time_grid({.steps = 0}, 1.0); });

  CHECK(test::contains(message, "[time_grid] steps"));
  CHECK_THROWS_AS(diffusion::make_time_grid({.kind = "log"}, 1.0), base::ConfigError);
}

}  // namespace
