// SPDX-License-Identifier: MIT
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "support/catch.hpp"

#include <tropism/base/config_check.hpp>
#include <tropism/base/error.hpp>
#include <tropism/base/nearest_name.hpp>

namespace tropism::base {

TEST_CASE("Real numbers are written so that the same bits are read back") {
  std::mt19937_64 generator(3);
  for (int trial = 0; trial < 10000; ++trial) {
    const auto number = std::bit_cast<double>(generator());
    if (!std::isfinite(number)) continue;

    const double again = std::stod(config_text(std::abs(number) < 1e-300 ? 0.0 : number));

    REQUIRE((again == number || std::abs(number) < 1e-300));
  }
}

TEST_CASE("A whole real number still looks like a real number") {
  CHECK(config_text(3.0) == "3.0");
  CHECK(config_text(1e300) == "1e+300");
  CHECK(config_text(std::int64_t{3}) == "3");
}

TEST_CASE("Text is quoted as TOML asks") {
  CHECK(config_text(std::string("a \"b\" \\ c\n\x01")) == "\"a \\\"b\\\" \\\\ c\\n\\u0001\"");
}

TEST_CASE("Checks let the ends of their ranges pass and nothing beyond") {
  const double infinity = std::numeric_limits<double>::infinity();

  CHECK_NOTHROW(check_at_least("s", "k", 1, 1));
  CHECK_THROWS_AS(check_at_least("s", "k", 0, 1), ConfigError);
  CHECK_NOTHROW(check_not_negative("s", "k", 0.0));
  CHECK_THROWS_AS(check_not_negative("s", "k", -1e-300), ConfigError);
  CHECK_THROWS_AS(check_positive("s", "k", 0.0), ConfigError);
  CHECK_THROWS_AS(check_positive("s", "k", infinity), ConfigError);
  CHECK_THROWS_AS(check_fraction("s", "k", 1.0), ConfigError);
  CHECK_NOTHROW(check_fraction("s", "k", 0.0));
  CHECK_THROWS_AS(check_fraction("s", "k", std::nan("")), ConfigError);
  CHECK_THROWS_AS(check_finite("s", "k", {0.0, infinity}), ConfigError);
}

TEST_CASE("A refused value is told in one sentence") {
  CHECK_THROWS_WITH(
      check_at_least("time_grid", "steps", 0, 1),
      "[time_grid] steps = 0 makes no sense: it must be a whole number of at least 1.");
}

TEST_CASE("The nearest name is a likely one or none") {
  const std::vector<std::string> verbs = {"train", "sample", "make"};

  CHECK(nearest_name("tarin", verbs) == "train");
  CHECK(nearest_name("sampel", verbs) == "sample");
  CHECK(nearest_name("trai", verbs) == "train");
  CHECK(nearest_name("xyzzy", verbs).empty());
}

}  // namespace tropism::base
