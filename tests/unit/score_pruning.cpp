// SPDX-License-Identifier: MIT
// The pruned estimate leaves out no more than it says, and says no more than it was allowed.
#include <algorithm>
#include <vector>

#include <tropism/score/ratio_state.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

struct Problem {
  std::int64_t rows, dimension;
  double time;
  bool weighted;
};

score::NoiseLevel noise_at(double time) {
  const auto process = test::toy_process();
  return {process->signal(time), process->variance(time)};
}

/// Two clusters of data, with strong log-weights where wanted.
score::DataBlock data_of(const Problem& problem) {
  auto x = test::normal_points(problem.rows, problem.dimension, 1);
  x.narrow(0, 0, problem.rows / 2).add_(6.0);
  const auto weights = test::normal_points(problem.rows, 1, 3).squeeze(1) * 5.0;
  return score::DataBlock::make(x - x.mean(0), problem.weighted ? weights : torch::Tensor());
}

/// Noised data, and a few points far from all of them.
torch::Tensor queries_of(const score::DataBlock& data, score::NoiseLevel noise) {
  const auto x = data.x.narrow(0, 0, 50) * noise.signal +
                 test::normal_points(50, data.x.size(1), 2) * std::sqrt(noise.variance);
  return torch::cat({x, 30.0 * test::normal_points(5, data.x.size(1), 4)});
}

/// (exact - pruned)/exact of the sum of weights, by query.
torch::Tensor share_left_out(const score::RatioState& exact, score::RatioState pruned) {
  pruned.rescale(exact.log_max);
  return 1.0 - pruned.weight / exact.weight;
}

// Float32 sums of positive numbers in another order.
constexpr double round_off = 3e-6;

TEST_CASE("Pruning leaves out no more than it reports, and reports no more than it may") {
  const double allowed = GENERATE(1e-6, 1e-3, 0.1);
  const auto problem = GENERATE(values<Problem>({{3000, 1, 0.01, false},
                                                 {3000, 2, 0.001, false},
                                                 {3000, 2, 0.1, true},
                                                 {3000, 2, 1.0, false},
                                                 {3000, 3, 0.02, true},
                                                 {2500, 8, 0.05, false},
                                                 {2100, 64, 0.01, true},
                                                 {61, 2, 0.1, false}}));
  const auto noise = noise_at(problem.time);
  const auto data = data_of(problem);
  const auto x = queries_of(data, noise);

  const auto exact = score::ratio_state(x, data, noise, score::Weights::reward);
  const auto pruned = score::ratio_state(x, data.pruned_to(allowed), noise, score::Weights::reward);

  const auto left_out =
      pruned.pruned.defined() ? pruned.pruned : torch::zeros({x.size(0)});  // few rows: exact
  const auto reported = left_out / pruned.weight;
  CHECK(reported.max().item<double>() <= allowed);
  CHECK((share_left_out(exact, pruned) - reported).max().item<double>() <= round_off);
}

TEST_CASE("At small noise all but the nearest rows are left out; at large noise none are") {
  const auto data = data_of({5000, 2, 0.0, false});
  const auto pruned = data.pruned_to(1e-3);
  const auto left_out_at = [&](double time) {
    const auto noise = noise_at(time);
    const auto state = score::ratio_state(queries_of(data, noise), pruned, noise, {});
    return state.pruned.max().item<double>();
  };

  CHECK(left_out_at(1e-4) > 0.0);
  CHECK(left_out_at(5.0) == 0.0);
}

TEST_CASE("The mean moves by no more than the share left out times the extent of the data") {
  const double allowed = 1e-3;
  const auto noise = noise_at(0.02);
  const auto data = data_of({4000, 2, 0.02, false});
  const auto x = queries_of(data, noise);
  const auto mean_of = [&](const score::DataBlock& block) {
    const auto state = score::ratio_state(x, block, noise, score::Weights::none);
    return state.weighted_sum / state.weight.unsqueeze(1);
  };

  const auto difference = (mean_of(data) - mean_of(data.pruned_to(allowed))).norm(2, 1);

  CHECK(difference.max().item<double>() <= 2.0 * data.radius * allowed + 1e-5);
}

TEST_CASE("Each query has its own state, in whatever order queries meet the leaves") {
  const auto data = data_of({4000, 1, 0.01, false});
  const auto pruned = data.pruned_to(1e-6);
  const auto noise = noise_at(0.01);
  std::vector<float> points = {-40.0F, -2.0F, 2.0F, 3.0F};
  do {
    const auto x = torch::tensor(points).unsqueeze(1);

    const auto state = score::ratio_state(x, pruned, noise, score::Weights::none);

    const auto exact = score::ratio_state(x, data, noise, score::Weights::none);
    CHECK(torch::allclose(state.log_max, exact.log_max));
    CHECK(torch::allclose(state.weighted_sum, exact.weighted_sum, 1e-4, 1e-4));
    CHECK(torch::allclose(state.weight, exact.weight, 1e-4));
  } while (std::next_permutation(points.begin(), points.end()));
}

TEST_CASE("The state of a pruned block is that of its rows in any order") {
  const auto data = data_of({2100, 2, 0.1, true});
  const auto noise = noise_at(0.5);
  const auto x = queries_of(data, noise);

  const auto pruned = score::ratio_state(x, data.pruned_to(1e-6), noise, score::Weights::reward);

  const auto exact = score::ratio_state(x, data, noise, score::Weights::reward);
  CHECK(torch::allclose(pruned.log_max, exact.log_max));
  CHECK(torch::allclose(pruned.weight, exact.weight, 1e-5));
}

}  // namespace
