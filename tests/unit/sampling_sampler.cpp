// SPDX-License-Identifier: MIT
#include <tropism/sampling/sampler.hpp>

#include <cmath>
#include <limits>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/network/field.hpp>
#include <tropism/network/mlp.hpp>

#include "support/catch.hpp"
#include "support/fields.hpp"
#include "support/message_of.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using sampling::LastStep;
using sampling::sample_block_rows;

sampling::Sampler sampler(LastStep last_step = LastStep::without_noise) {
  return {.process = test::toy_process(2.0),
          .grid = diffusion::make_time_grid({.steps = 4}, *test::toy_process(2.0)),
          .simulator = diffusion::make_simulator({}),
          .dimension = 2,
          .seed = 6,
          .last_step = last_step};
}

/// A score that is a network, whose products depend on how many rows it is given.
sampling::ScoreOf network_score() {
  const network::MlpConfig config = {.width = 64, .depth = 2, .activation = "silu"};
  const auto mlp = std::make_shared<network::Mlp>(3, 2, config, network::LastLayer::random, 1, 0);
  const auto score = test::score_function([mlp](const torch::Tensor& x, const torch::Tensor& t) {
    return -x + network::NetworkField(mlp).forward(t, x);
  });
  return [score](comm::RowRange) { return score; };
}

sampling::ScoreOf pull_to_origin() {
  const auto score =
      test::score_function([](const torch::Tensor& x, const torch::Tensor&) { return -x; });
  return [score](comm::RowRange) { return score; };
}

TEST_CASE("Samples are the reverse process with mean actions and the named random numbers") {
  const auto last_step = GENERATE(LastStep::without_noise, LastStep::with_noise);

  const auto samples = sampling::draw_samples(sampler(last_step), pull_to_origin(), {0, 10});

  const base::RandomStream prior(6, base::Purpose::sample_state),
      noise(6, base::Purpose::sample_noise);
  auto y = prior.normal(0, 0, 10, 2) * std::sqrt(1.0 - std::exp(-4.0));
  for (std::int64_t k = 0; k < 4; ++k) {
    y = y + (y - 2.0 * y) * 0.5;
    if (k < 3 || last_step == LastStep::with_noise) y = y + noise.normal(0, k, 10, 2);
  }
  CHECK(test::largest_difference(samples, y) < 1e-5);
}

TEST_CASE("A sample depends on its index alone, however the indices are split") {
  const std::int64_t block = sample_block_rows, count = 3 * block + 100;
  const auto whole = sampling::draw_samples(sampler(), network_score(), {0, count});

  const auto first = sampling::draw_samples(sampler(), network_score(), {0, block});
  const auto rest = sampling::draw_samples(sampler(), network_score(), {block, count - block});

  CHECK(torch::equal(torch::cat({first, rest}), whole));
}

TEST_CASE("The first samples are the same, to the last bit, however many are asked for") {
  const std::int64_t count = GENERATE(1, 7, 100, 479);
  const auto many = sampling::draw_samples(sampler(), network_score(), {0, sample_block_rows});

  const auto few = sampling::draw_samples(sampler(), network_score(), {0, count});

  CHECK(torch::equal(few, many.narrow(0, 0, count)));
}

TEST_CASE("The score function is asked for whole blocks of samples by their indices") {
  std::vector<comm::RowRange> asked;
  const auto remember = [&](comm::RowRange range) {
    asked.push_back(range);
    return pull_to_origin()(range);
  };
  std::vector<std::int64_t> done;

  static_cast<void>(sampling::draw_samples(sampler(), remember, {sample_block_rows, 500},
                                           [&](std::int64_t n) { done.push_back(n); }));

  REQUIRE(asked.size() == 2);
  CHECK((asked[0] == comm::RowRange{480, 480}));
  CHECK((asked[1] == comm::RowRange{960, 480}));
  CHECK(done == std::vector<std::int64_t>{480, 500});
}

TEST_CASE("Another seed gives other samples, and no samples are none") {
  auto other = sampler();
  other.seed = 7;

  const auto samples = sampling::draw_samples(sampler(), pull_to_origin(), {0, 5});

  CHECK(test::largest_difference(samples, sampling::draw_samples(other, pull_to_origin(), {0, 5})) >
        0.1);
  CHECK(sampling::draw_samples(sampler(), pull_to_origin(), {0, 0}).sizes() ==
        torch::IntArrayRef({0, 2}));
}

TEST_CASE("A first index inside a block is refused") {
  CHECK_THROWS_AS(sampling::draw_samples(sampler(), pull_to_origin(), {10, 5}),
                  base::ContractError);
}

TEST_CASE("A sample that is not finite is an error that names its index") {
  const auto diverging = test::score_function([](const torch::Tensor& x, const torch::Tensor&) {
    auto score = -x;
    score[3].fill_(std::numeric_limits<float>::infinity());
    return score;
  });

  const auto message = test::message_of<base::NumericalError>([&] {
    return sampling::draw_samples(sampler(), [&](comm::RowRange) { return diverging; },
                                  {sample_block_rows, 10});
  });

  CHECK(test::contains(message, "Sample 483"));
  CHECK_NOTHROW(
      sampling::draw_samples(sampler(), [&](comm::RowRange) { return diverging; }, {0, 3}));
}

}  // namespace
