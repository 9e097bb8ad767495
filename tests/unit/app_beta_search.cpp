// SPDX-License-Identifier: MIT
// The search for the beta that reaches a mean reward, on trainings whose answer is known.
#include <cmath>

#include "app/beta_search.hpp"
#include "support/catch.hpp"

namespace {

using namespace tropism;

constexpr double share = 0.488;  // of the Swiss roll in the rectangle

/// The mean reward of the tilt p_0 e^{slope beta h} of an indicator h.
double tilted(double beta, double slope) {
  const double odds = share / (1.0 - share) * std::exp(slope * beta);
  return odds / (1.0 + odds);
}

TEST_CASE("Where training is exact the first beta reaches the wanted reward") {
  // 2 (log(r/(1-r)) - log(p/(1-p))): r = 0.7, 0.8, 0.9 at beta = 1.79, 2.87, 4.49
  const std::vector<std::pair<double, double>> known = {{0.7, 1.79}, {0.8, 2.87}, {0.9, 4.49}};
  for (const auto& [reward, beta] : known) {
    const app::BetaSearch search(reward, {share, 0.5});
    CHECK(search.next() == Approx(beta).margin(0.005));
    CHECK(app::BetaSearch(reward, {share, 1.0}).next() == Approx(0.5 * search.next()));
  }
}

TEST_CASE("A model that answers to beta ten times less, or twice as much, is found out") {
  for (const double slope : {0.05, 1.0}) {
    app::BetaSearch search(0.8, {share, 0.5});
    while (!search.reached(0.005) && search.trials().size() < 8)
      search.add({search.next(), tilted(search.next(), slope)});

    CHECK(search.reached(0.005));
    CHECK(std::abs(search.trials()[search.nearest()].reward - 0.8) <= 0.005);
  }
}

TEST_CASE("A reward that jumps is bracketed") {
  app::BetaSearch search(0.8, {share, 0.5});
  for (int trial = 0; trial < 12; ++trial) {
    const double beta = search.next();
    search.add({beta, beta < 7.0 ? 0.5 : 1.0});
  }

  CHECK(search.next() == Approx(7.0).margin(0.5));
}

TEST_CASE("A model that has the reward by itself needs no beta, unless it loses it in training") {
  app::BetaSearch search(0.7, {0.75, 0.5});
  CHECK(search.next() == 0.0);

  search.add({0.0, 0.55});

  CHECK(search.next() > 0.0);
}

TEST_CASE("After far too much, or too much twice, 0 is tried in place of a guess not measured") {
  app::BetaSearch search(0.8, {share, 0.5}), measured(0.8, {share, 0.5, true});
  search.add({2.9, 0.95});
  measured.add({2.9, 0.95});
  CHECK(search.next() == 0.0);
  CHECK(measured.next() > 0.0);

  app::BetaSearch near(0.8, {share, 0.5});
  near.add({2.9, 0.82});
  CHECK(near.next() > 0.0);
  near.add({2.6, 0.81});
  CHECK(near.next() == 0.0);

  search.add({0.0, 0.7});

  CHECK(search.next() > 0.0);
  CHECK(search.next() < 2.9);
}

TEST_CASE(
    "Two betas around the wanted reward that the exact tilt would not tell apart are enough") {
  app::BetaSearch search(0.8, {share, 0.5});
  search.add({2.9, 0.83});
  search.add({2.7, 0.78});
  CHECK_FALSE(search.is_left_to_chance(0.005));  // the exact tilt moves by 0.016

  search.add({2.8, 0.81});

  CHECK(search.is_left_to_chance(0.005));  // by 0.008
  CHECK_FALSE(search.is_left_to_chance(0.003));
}

TEST_CASE("A search that can lead to nothing says so") {
  app::BetaSearch too_much(0.8, {share, 0.5}), unmoved(0.8, {share, 0.5}), slow(0.8, {share, 0.5});
  too_much.add({0.0, 0.85});
  CHECK(too_much.in_vain(0.005));

  unmoved.add({2.9, 0.0});
  CHECK_FALSE(unmoved.in_vain(0.005));
  unmoved.add({8.7, 0.001});
  CHECK(unmoved.in_vain(0.005));

  slow.add({2.9, tilted(2.9, 0.05)});
  slow.add({8.7, tilted(8.7, 0.05)});
  CHECK_FALSE(slow.in_vain(0.005));
}

}  // namespace
