// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_state.hpp>

#include <algorithm>
#include <cmath>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/reference/ratio_estimator.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using score::RatioState;
using test::reference::RatioProblem;

/// The estimate of a problem as the estimator's callers make it: centred on the data.
score::RatioEstimate estimate_of(const RatioProblem& problem) {
  const score::NoiseLevel noise = {problem.signal, problem.variance};
  const auto centre = problem.data.mean(0);
  const auto queries = problem.x - centre * noise.signal;
  const auto state = score::ratio_state(queries, problem.data - centre, noise, problem.log_weights);
  const auto total =
      torch::full({problem.x.size(0)}, static_cast<double>(problem.data.size(0)), torch::kFloat32);
  return score::estimate(state, queries, centre, noise, problem.floor, total);
}

/// Data off the origin, and queries from their noised law.
RatioProblem noised_data(std::int64_t dimension, double time, std::int64_t rows = 200) {
  const auto process = test::toy_process();
  const auto data = test::normal_points(rows, dimension, 1) + 2.0;
  const double a = process->signal(time), v = process->variance(time);
  const auto x = a * data.narrow(0, 0, 40) + std::sqrt(v) * test::normal_points(40, dimension, 2);
  return {x, data, torch::Tensor(), a, v, 0.0};
}

RatioProblem with_weights(RatioProblem problem) {
  problem.log_weights = test::normal_points(problem.data.size(0), 1, 3).squeeze(1) * 3.0;
  return problem;
}

void check_against_loop(const RatioProblem& problem) {
  const auto found = estimate_of(problem);

  const auto exact = test::reference::ratio_estimate(problem);
  const auto tolerance = test::reference::round_off(problem, exact);
  CHECK(test::within(found.score, exact.score, tolerance.score));
  CHECK(test::within(found.log_density_sum, exact.log_density_sum, tolerance.log_density_sum));
  CHECK(test::within(found.effective_sample_size, exact.effective_sample_size,
                     4.0 * tolerance.logit * exact.effective_sample_size));
}

TEST_CASE("The estimate is that of a double-precision loop of eq. (18)") {
  const auto dimension = GENERATE(1, 2, 8, 64);
  const auto time = GENERATE(0.01, 0.1, 0.5, 1.0, 5.0);

  check_against_loop(noised_data(dimension, time));
}

TEST_CASE("The weighted estimate is that of a double-precision loop of eq. (18) with weights") {
  const auto dimension = GENERATE(1, 2, 8, 64);
  const auto time = GENERATE(0.01, 0.1, 0.5, 1.0, 5.0);

  check_against_loop(with_weights(noised_data(dimension, time)));
}

TEST_CASE("With an active floor the estimate is that of the loop, and activations are counted") {
  auto problem = noised_data(GENERATE(1, 2, 8), GENERATE(0.1, 0.5, 2.0));
  const auto densities = test::reference::ratio_estimate(problem).log_density_sum;
  // Between the 20th and the 21st of the 40 densities.
  const auto sorted = std::get<0>((densities - std::log(200.0)).sort());
  problem.floor = std::exp(0.5 * (sorted[19] + sorted[20]).item<double>());

  const auto found = estimate_of(problem);

  const auto exact = test::reference::ratio_estimate(problem);
  const auto tolerance = test::reference::round_off(problem, exact);
  REQUIRE(exact.log_excess.abs().gt(tolerance.log_density_sum).all().item<bool>());
  CHECK(found.floor_activations == 20);
  CHECK(test::within(found.score, exact.score, tolerance.score));
}

TEST_CASE("A floor below all densities changes no bit and counts nothing") {
  auto problem = noised_data(2, 0.5);

  const auto without = estimate_of(problem);
  problem.floor = 1e-20;
  const auto with = estimate_of(problem);

  CHECK(with.floor_activations == 0);
  CHECK(torch::equal(with.score, without.score));
}

TEST_CASE("Far above all densities the floor leaves only the pull to the origin, -x/v") {
  auto problem = noised_data(3, 0.5);
  problem.floor = 1e20;

  const auto found = estimate_of(problem);

  CHECK(found.floor_activations == 40);
  CHECK(test::largest_difference(found.score, -problem.x / problem.variance) < 2e-5);
}

TEST_CASE("Merging any split of the data in any order gives the state of the whole") {
  const auto problem = with_weights(noised_data(GENERATE(1, 8), GENERATE(0.05, 1.0)));
  const score::NoiseLevel noise = {problem.signal, problem.variance};
  const auto order = GENERATE(0, 1, 2, 3);
  const std::vector<std::int64_t> cuts = {0, 1, 1, 30, 93, 199, 200};
  std::vector<RatioState> states;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
    states.push_back(
        score::ratio_state(problem.x, problem.data.narrow(0, cuts[i], cuts[i + 1] - cuts[i]), noise,
                           problem.log_weights.narrow(0, cuts[i], cuts[i + 1] - cuts[i])));
  std::rotate(states.begin(), states.begin() + order, states.end());
  if (order % 2 == 1) std::reverse(states.begin(), states.end());

  auto merged = RatioState::empty(40, problem.x.size(1));
  for (const auto& state : states) merged.merge(state);

  const auto whole = score::ratio_state(problem.x, problem.data, noise, problem.log_weights);
  const auto tolerance =
      test::reference::round_off(problem, test::reference::ratio_estimate(problem));
  const auto relative = 4.0 * tolerance.logit;
  CHECK(test::within(merged.log_max, whole.log_max, tolerance.logit));
  CHECK(test::within(merged.weight / whole.weight, torch::ones({40}), relative));
  CHECK(test::within(merged.squared_weight / whole.squared_weight, torch::ones({40}), relative));
  const auto mean_difference = merged.weighted_sum / merged.weight.unsqueeze(1) -
                               whole.weighted_sum / whole.weight.unsqueeze(1);
  CHECK(test::within(mean_difference, torch::zeros_like(mean_difference),
                     relative.unsqueeze(1) * 8.0));
}

TEST_CASE("Blocks that hold the maximum and blocks 1,000 logits below it merge without overflow") {
  const auto x = torch::zeros({1, 1});
  const auto near = torch::tensor({{0.0F}, {0.1F}}), far = torch::tensor({{40.0F}, {50.0F}});
  const score::NoiseLevel noise = {1.0, 0.5};
  const auto state_of = [&](const torch::Tensor& data) {
    return score::ratio_state(x, data, noise, torch::Tensor());
  };

  auto upwards = state_of(far);
  upwards.merge(state_of(near));
  auto downwards = state_of(near);
  downwards.merge(state_of(far));

  const auto near_alone = state_of(near);
  for (const auto& merged : {upwards, downwards}) {
    CHECK(torch::equal(merged.log_max, near_alone.log_max));
    CHECK(torch::equal(merged.weight, near_alone.weight));
    CHECK(torch::equal(merged.weighted_sum, near_alone.weighted_sum));
  }
}

TEST_CASE("Merging with the state before any data changes no bit, from either side") {
  const auto problem = noised_data(3, 0.3);
  const score::NoiseLevel noise = {problem.signal, problem.variance};
  const auto state = score::ratio_state(problem.x, problem.data, noise, torch::Tensor());

  auto from_empty = RatioState::empty(40, 3);
  from_empty.merge(state);
  auto with_empty = state;
  with_empty.merge(RatioState::empty(40, 3));

  for (const auto& merged : {from_empty, with_empty}) {
    CHECK(torch::equal(merged.log_max, state.log_max));
    CHECK(torch::equal(merged.weight, state.weight));
    CHECK(torch::equal(merged.weighted_sum, state.weighted_sum));
  }
}

TEST_CASE("Two states before any data merge to one, without NaN") {
  auto state = RatioState::empty(4, 2);

  state.merge(RatioState::empty(4, 2));

  CHECK(torch::equal(state.weight, torch::zeros({4})));
  CHECK(torch::equal(state.weighted_sum, torch::zeros({4, 2})));
}

TEST_CASE(
    "In small dimensions a query's state does not depend on the other queries, to the last bit") {
  const auto problem = noised_data(GENERATE(1, 8), 0.3);
  const score::NoiseLevel noise = {problem.signal, problem.variance};

  const auto together = score::ratio_state(problem.x, problem.data, noise, torch::Tensor());

  for (std::int64_t i = 0; i < 40; ++i) {
    const auto alone =
        score::ratio_state(problem.x.narrow(0, i, 1), problem.data, noise, torch::Tensor());
    CHECK(torch::equal(alone.log_max, together.log_max.narrow(0, i, 1)));
    CHECK(torch::equal(alone.weight, together.weight.narrow(0, i, 1)));
    CHECK(torch::equal(alone.weighted_sum, together.weighted_sum.narrow(0, i, 1)));
  }
}

TEST_CASE("A query without data is an error") {
  const auto x = torch::zeros({3, 2});
  const score::NoiseLevel noise = {0.5, 0.5};
  const auto state = score::ratio_state(x, torch::zeros({0, 2}), noise, torch::Tensor());

  CHECK_THROWS_AS(score::estimate(state, x, torch::zeros({2}), noise, 0.0, torch::Tensor()),
                  base::NumericalError);
}

}  // namespace
