// SPDX-License-Identifier: MIT
// The ratio estimator over rows that were copied to a device: the host's states to round-off.
#include <tropism/score/ratio_data.hpp>

#include <cmath>
#include <limits>

#include "support/catch.hpp"
#include "support/reference/ratio_estimator.hpp"
#include "support/simulated_device.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;

using test::reference::Kernel;
using test::reference::RatioProblem;

score::DataBlock block_of(const RatioProblem& problem, score::ContextKernel kernel) {
  return score::DataBlock::make(problem.data, problem.log_weights, problem.row_contexts, kernel);
}

/// Logits are float64: what is left is the rounding of e^l, of the sums and of the score.
void check_estimate(const RatioProblem& problem, const score::DataBlock& block) {
  const auto state =
      score::ratio_state({problem.x, problem.query_contexts}, block.copied_to(test::device()),
                         {problem.signal, problem.variance}, score::Weights::reward);
  const auto found = score::estimate(state, problem.x, torch::zeros({problem.x.size(1)}),
                                     {problem.signal, problem.variance}, 0.0, torch::Tensor());

  const auto exact = test::reference::ratio_estimate(problem);
  const double a = problem.signal, v = problem.variance;
  const auto tolerance =
      (1e-5 * a / v) * exact.deviation + (3e-7 / v) * (problem.x.abs() + a * exact.mean.abs());
  CHECK(found.score.is_cpu());
  CHECK(test::within(found.score, exact.score, tolerance));
  CHECK(test::within(found.effective_sample_size, exact.effective_sample_size,
                     1e-5 * exact.effective_sample_size));
  CHECK(test::within(found.log_density_sum, exact.log_density_sum,
                     2e-6 * (1.0 + exact.log_density_sum.abs())));
}

void check_same(const score::RatioState& found, const score::RatioState& exact) {
  CHECK(torch::allclose(found.log_max, exact.log_max, 1e-12, 1e-12));
  CHECK(torch::allclose(found.weight, exact.weight, 1e-5));
  CHECK(torch::allclose(found.squared_weight, exact.squared_weight, 1e-5));
  CHECK(torch::allclose(found.weighted_sum, exact.weighted_sum, 1e-4));
}

TEST_CASE("Rows in a device's memory give the estimate, to the rounding of its sums", "[device]") {
  const auto dimension = GENERATE(2, 64);
  RatioProblem problem = {test::normal_points(40, dimension, 2),
                          test::normal_points(300, dimension, 1),
                          test::normal_points(300, 1, 3).squeeze(1)};
  problem.signal = GENERATE(0.9, 1e-7);
  problem.variance = GENERATE(0.001, 2.0);
  const auto before = test::simulated_operators();

  check_estimate(problem, block_of(problem, score::ContextKernel::none));

  CHECK((test::simulated_operators() > before || test::device().is_cuda()));
}

TEST_CASE("So do rows with contexts, by either kernel", "[device]") {
  const bool compact = GENERATE(false, true);
  RatioProblem problem = {test::normal_points(40, 2, 2), test::normal_points(300, 2, 1), {}};
  problem.signal = 0.5;
  problem.variance = 0.8;
  problem.kernel = compact ? Kernel::compact : Kernel::gaussian;
  problem.query_contexts = test::normal_points(40, 1, 5) * 0.5;
  problem.row_contexts = test::normal_points(300, 1, 4);

  check_estimate(problem, block_of(problem, compact ? score::ContextKernel::compact
                                                    : score::ContextKernel::gaussian));
}

TEST_CASE("A query that is not a number sees no row of a device, and harms no other", "[device]") {
  auto x = test::normal_points(40, 3, 1);
  const auto block =
      score::DataBlock::make(test::normal_points(100, 3, 2), {}).copied_to(test::device());
  const auto whole = score::ratio_state(x, block, {0.6, 0.64}, score::Weights::none);
  x[7][1] = GENERATE(std::nanf(""), std::numeric_limits<float>::infinity());

  const auto state = score::ratio_state(x, block, {0.6, 0.64}, score::Weights::none);

  CHECK(std::isinf(state.log_max[7].item<double>()));
  CHECK(state.weight[7].item<float>() == 0.0F);
  for (const std::int64_t i : {0, 6, 8, 39})
    CHECK(state.log_max[i].item<double>() == Approx(whole.log_max[i].item<double>()));
}

TEST_CASE("Queries that do not fit into memory at once are asked one part after the other") {
  constexpr std::int64_t rows = 100000, at_once = 33554432 / rows, all = at_once + 15;
  const auto block = score::DataBlock::make(test::normal_points(rows, 1, 1) * 1e7, {});
  const auto x = test::normal_points(all, 1, 2);
  const score::NoiseLevel weak = {1e-7, 0.5};  // of which the kernel does not know

  const auto together = score::ratio_state(x, block, weak, score::Weights::none);
  const auto last =
      score::ratio_state(x.narrow(0, at_once - 1, 16), block, weak, score::Weights::none);

  CHECK(together.log_max.size(0) == all);
  check_same(together.rows(at_once - 1, 16), last);
}

TEST_CASE("Data that ask for a device have their rows there, drawn ones excepted", "[device]") {
  const auto comm = comm::Communicator::alone();
  const score::RatioData data(comm, score::Scope::local,
                              {.x = test::normal_points(300, 2, 1), .device = test::device()},
                              torch::zeros({2}), 0);

  const auto whole = data.draw(0, 0, base::RandomStream(1, base::Purpose::estimator_rows), {});
  const auto drawn = data.draw(0, 30, base::RandomStream(1, base::Purpose::estimator_rows), {});

  CHECK(whole.front().copy->x.device().type() == test::device().type());
  CHECK(drawn.front().copy == nullptr);
}

}  // namespace
