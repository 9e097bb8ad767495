// SPDX-License-Identifier: MIT
// The states of score matching: rows of the data by context, noised as the forward process does.
#include <tropism/control/noised_data.hpp>

#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/score/ratio_signal.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/small_episode.hpp"

namespace {

using namespace tropism;
using test::alone;

constexpr std::int64_t num_rows = 50, num_groups = 2, B = 20000;

torch::Tensor rows() {
  return test::normal_points(num_rows, 2, 7) + 1.0;
}

/// Trajectories of group 0 and 1 by turns; rows 0, 2, ... are of group 0.
std::shared_ptr<const score::RatioSignal> signal_over(const control::Environment& environment) {
  auto setting = std::make_shared<score::RatioSetting>(score::RatioSetting{
      &alone(), environment.process,
      std::make_shared<score::RatioData>(
          alone(), score::Scope::local,
          score::DataRows{.x = rows(),
                          .groups = torch::arange(num_rows) % num_groups,
                          .num_groups = num_groups},
          torch::full({2}, 0.5), 0),
      score::ScoreConfig(), base::RandomStream(1, base::Purpose::estimator_rows)});
  return std::make_shared<score::RatioSignal>(std::move(setting),
                                              score::Binding(torch::arange(B) % num_groups));
}

control::Episode episode() {
  const auto environment = test::small_environment();
  const auto reward =
      reward::make_reward({.kind = "linear", .beta = 1.0, .weights = {1.0, 0.0}}, 2);
  return control::noised_data(environment, *signal_over(environment), *reward, {0, B}, 0);
}

torch::Tensor of_group(const torch::Tensor& by_row, std::int64_t group) {
  return by_row.slice(0, group, by_row.size(0), num_groups).to(torch::kFloat64);
}

TEST_CASE("Each trajectory draws rows of its own context, all of them alike") {
  const auto drawn = episode().states[3];  // x_0 of the last step

  for (std::int64_t group = 0; group < num_groups; ++group) {
    const auto own = of_group(rows(), group), of = of_group(drawn, group);
    const auto distance = (of.unsqueeze(1) - own.unsqueeze(0)).abs().amax(2);  // [B/2, rows/2]
    const auto [nearest, row] = distance.min(1);
    CHECK(nearest.max().item<double>() < 1e-6);
    const auto counts = torch::bincount(row, {}, own.size(0)).to(torch::kFloat64);
    const double expected = static_cast<double>(of.size(0)) / static_cast<double>(own.size(0));
    // five standard errors of a binomial count
    CHECK((counts - expected).abs().max().item<double>() < 5.0 * std::sqrt(expected));
  }
}

TEST_CASE("States have the mean and the variance of the noised data of their context") {
  const auto environment = test::small_environment();
  const auto of = episode();

  for (std::int64_t k = 0; k < 3; ++k) {
    const double tau = environment.grid.noise_time(k), a = environment.process->signal(tau),
                 v = environment.process->variance(tau);
    for (std::int64_t group = 0; group < num_groups; ++group) {
      const auto y = of_group(of.states[k], group), x = of_group(rows(), group);
      const auto variance = a * a * x.var(0, false) + v;
      const auto error = (y.mean(0) - a * x.mean(0)) / (variance / y.size(0)).sqrt();
      CHECK(error.abs().max().item<double>() < 5.0);
      const auto spread =
          (y.var(0) / variance - 1.0) / std::sqrt(2.0 * num_groups / static_cast<double>(B));
      CHECK(spread.abs().max().item<double>() < 5.0);
    }
  }
}

TEST_CASE("What is observed there is the signal's own answer, and rewards are those of the data") {
  const auto environment = test::small_environment();
  const auto of = episode();

  const auto seen =
      signal_over(environment)->observe(of.states[1], environment.grid.noise_time(1), {0, 1});
  CHECK(torch::equal(of.scores[1], seen.score));
  CHECK(torch::equal(of.rewards, of.states[3].select(1, 0)));
  CHECK_FALSE(of.means.defined());
}

TEST_CASE("A signal without data cannot be drawn from") {
  const test::ExactSignal signal(
      test::score_function([](const torch::Tensor& y, const torch::Tensor&) { return -y; }));

  CHECK_THROWS_AS(signal.draw_data({}), base::ContractError);
}

}  // namespace
