// SPDX-License-Identifier: MIT
// The estimate over streamed rows against the estimate over the same rows in memory.
#include <tropism/score/streamed_signal.hpp>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/streamed_rows.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using score::Summation;

const auto& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

constexpr std::int64_t num_rows = 1700, num_queries = 50, dimension = 4;

/// Rows in three groups, of which the second is in the last rows alone.
score::DataRows all_rows() {
  score::DataRows rows;
  rows.x = test::normal_points(num_rows, dimension, 1) + 1.0;
  rows.groups = torch::arange(num_rows) % 2 * 2;
  rows.groups.narrow(0, 1500, 200).fill_(1);
  rows.num_groups = 3;
  rows.log_weights = 0.5 * 0.8 * -(rows.x - 2.0).square().sum(1);
  return rows;
}

torch::Tensor queries() {
  return test::normal_points(num_queries, dimension, 2) * 1.5;
}

score::Binding binding(const score::DataRows& rows) {
  score::Binding bound(torch::arange(num_queries) * 5 % rows.num_groups);
  if (rows.contexts.defined()) bound.contexts = test::normal_points(num_queries, 2, 4);
  return bound;
}

/// The setting that streamed rows and rows in memory share.
score::RatioSetting setting(Summation summation, int samples) {
  return {&alone(),
          test::toy_process(),
          nullptr,
          {.samples = samples, .floor = 1e-4},
          {9, base::Purpose::estimator_rows},
          summation,
          summation == Summation::exact ? 48 : 0};
}

score::Observation in_memory(const score::DataRows& rows, score::RatioSetting setting,
                             double noise_time) {
  const bool exact = setting.summation == Summation::exact;
  setting.data = std::make_shared<score::RatioData>(alone(), score::Scope::local, rows,
                                                    torch::ones({dimension}),
                                                    exact ? score::reproducible_block_rows : 0);
  return score::make_signal(std::make_shared<score::RatioSetting>(setting), binding(rows))
      ->observe(queries(), noise_time, {4, 7});
}

score::Observation streamed(const score::DataRows& rows, score::RatioSetting setting,
                            std::int64_t block_rows, double noise_time) {
  setting.streamed = std::make_shared<score::StreamedData>(
      alone(), score::Scope::local, std::make_shared<test::MemoryRows>(rows, block_rows),
      torch::ones({dimension}), score::RowPlaces::remembered);
  return score::make_signal(std::make_shared<score::RatioSetting>(setting), binding(rows))
      ->observe(queries(), noise_time, {4, 7});
}

void check_same_up_to_round_off(const score::Observation& a, const score::Observation& b,
                                double noise_time) {
  const double of_score = 1e-5 / test::toy_process()->variance(noise_time);
  CHECK(test::largest_difference(a.score, b.score) < of_score);
  CHECK(test::largest_difference(a.tilt_gradient, b.tilt_gradient) < of_score);
  CHECK(test::largest_difference(a.log_tilt, b.log_tilt) < 1e-4);
  CHECK(torch::allclose(a.effective_sample_size, b.effective_sample_size, 1e-4));
  CHECK(a.floor_activations == b.floor_activations);
}

TEST_CASE("Streamed in blocks of any size, the estimate is that in memory up to round-off") {
  const auto rows = all_rows();
  const double time = GENERATE(0.05, 0.5, 3.0);
  const std::int64_t block_rows = GENERATE(1, 700, 5000);
  const auto shared = setting(Summation::running, 0);

  check_same_up_to_round_off(streamed(rows, shared, block_rows, time),
                             in_memory(rows, shared, time), time);
}

TEST_CASE("Streamed in whole blocks of a reproducible sum, the exact estimate has the same bits") {
  const auto rows = all_rows();
  const std::int64_t block_rows = score::reproducible_block_rows * GENERATE(1, 2, 4);
  const auto shared = setting(Summation::exact, GENERATE(0, 40));

  const auto a = streamed(rows, shared, block_rows, 0.5), b = in_memory(rows, shared, 0.5);

  CHECK(a.score.equal(b.score));
  CHECK(a.tilt_gradient.equal(b.tilt_gradient));
  CHECK(a.log_tilt.equal(b.log_tilt));
  CHECK(a.effective_sample_size.equal(b.effective_sample_size));
}

TEST_CASE("Exact sums of blocks that begin elsewhere than those of the sum are refused") {
  CHECK_THROWS_AS(streamed(all_rows(), setting(Summation::exact, 0), 100, 0.5),
                  base::ContractError);
}

TEST_CASE("Of streamed rows the same ones are drawn as of rows in memory") {
  const auto rows = all_rows();
  const int samples = GENERATE(15, 300);  // more than one group has
  const auto shared = setting(Summation::running, samples);

  check_same_up_to_round_off(streamed(rows, shared, 200, 0.5), in_memory(rows, shared, 0.5), 0.5);
}

TEST_CASE("Streamed rows may be without groups, without a reward, and with contexts") {
  score::DataRows rows = {.x = all_rows().x};
  rows.contexts = test::normal_points(num_rows, 2, 3);
  rows.context_kernel = score::ContextKernel::gaussian;
  const auto shared = setting(Summation::running, 0);

  const auto a = streamed(rows, shared, 300, 0.5), b = in_memory(rows, shared, 0.5);

  CHECK(test::largest_difference(a.score, b.score) < 1e-4);
  CHECK(torch::allclose(a.effective_sample_size, b.effective_sample_size, 1e-4));
  CHECK_FALSE(a.log_tilt.defined());
  CHECK_FALSE(a.tilt_gradient.defined());
}

TEST_CASE("A streamed group without rows is an error for its queries, and for no others") {
  auto rows = all_rows();
  rows.groups.zero_();
  auto shared = setting(GENERATE(Summation::running, Summation::exact), GENERATE(0, 20));
  shared.streamed = std::make_shared<score::StreamedData>(
      alone(), score::Scope::local, std::make_shared<test::MemoryRows>(rows, 512),
      torch::ones({dimension}), score::RowPlaces::remembered);
  const auto of_shared = std::make_shared<score::RatioSetting>(shared);

  const auto fine = score::make_signal(of_shared, torch::zeros({num_queries}, torch::kInt64));
  const auto without_data = score::make_signal(of_shared, binding(rows));

  CHECK_NOTHROW(fine->observe(queries(), 0.5, {0, 0}));
  CHECK_THROWS_AS(without_data->observe(queries(), 0.5, {0, 0}), base::NumericalError);
}

TEST_CASE("A streamed signal that is asked about other than its bound queries is refused") {
  auto shared = setting(Summation::running, 0);
  shared.streamed = std::make_shared<score::StreamedData>(
      alone(), score::Scope::local, std::make_shared<test::MemoryRows>(all_rows(), 512),
      torch::ones({dimension}));
  const auto signal =
      score::make_signal(std::make_shared<score::RatioSetting>(shared), binding(all_rows()));

  CHECK_THROWS_AS(signal->observe(queries().narrow(0, 0, 10), 0.5, {0, 0}), base::ContractError);
}

}  // namespace
