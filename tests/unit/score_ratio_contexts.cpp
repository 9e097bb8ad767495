// SPDX-License-Identifier: MIT
// The kernel ratio estimator of continuous contexts against the loop in double.
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/score/ratio_signal.hpp>

#include "support/catch.hpp"
#include "support/reference/ratio_estimator.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using score::ContextKernel;
using score::Summation;
using test::reference::Kernel;
using test::reference::RatioProblem;

constexpr std::int64_t num_rows = 2500, num_queries = 40, dimension = 3;
constexpr std::int64_t block_rows = 512;

const auto& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

/// Rows that follow their context, of two numbers; contexts in bandwidths; log-weights of a reward.
struct Data {
  torch::Tensor contexts = 3.0 * test::normal_points(num_rows, 2, 1);
  torch::Tensor x = torch::cat({contexts, -contexts.narrow(1, 0, 1)}, 1) +
                    test::normal_points(num_rows, dimension, 2);
  torch::Tensor log_weights = -0.05 * (x - 2.0).square().sum(1);
  torch::Tensor centre = x.mean(0);
};

torch::Tensor query_contexts() {
  return 1.5 * test::normal_points(num_queries, 2, 3);
}

torch::Tensor queries() {
  return 2.0 * test::normal_points(num_queries, dimension, 4);
}

struct Case {
  ContextKernel kernel = ContextKernel::gaussian;
  score::ScoreConfig config = {};
  Summation summation = Summation::running;
  double pruning = 0.0;
};

score::RatioSignal signal_of(const Data& data, const Case& what, const torch::Tensor& contexts) {
  const auto rows =
      std::make_shared<score::RatioData>(alone(), score::Scope::local,
                                         score::DataRows{.x = data.x,
                                                         .log_weights = data.log_weights,
                                                         .contexts = data.contexts,
                                                         .context_kernel = what.kernel,
                                                         .pruning = what.pruning},
                                         data.centre, what.pruning > 0.0 ? 0 : block_rows);
  score::RatioSetting setting = {&alone(),
                                 test::toy_process(),
                                 rows,
                                 what.config,
                                 {9, base::Purpose::estimator_rows},
                                 what.summation,
                                 48};
  return {std::make_shared<score::RatioSetting>(setting),
          score::Binding(torch::zeros({contexts.size(0)}, torch::kInt64), contexts)};
}

RatioProblem problem_of(const Data& data, ContextKernel kernel, double time) {
  const auto process = test::toy_process();
  RatioProblem problem = {queries(), data.x, torch::Tensor(), process->signal(time),
                          process->variance(time)};
  problem.kernel = kernel == ContextKernel::gaussian ? Kernel::gaussian : Kernel::compact;
  problem.query_contexts = query_contexts();
  problem.row_contexts = data.contexts;
  return problem;
}

ContextKernel any_kernel() {
  return GENERATE(ContextKernel::gaussian, ContextKernel::compact);
}

TEST_CASE("With contexts each query's score is the loop's with every row weighed by the kernel") {
  const Data data;
  const auto kernel = any_kernel();
  const double time = GENERATE(0.05, 0.5, 3.0);
  const auto summation = GENERATE(Summation::running, Summation::exact);

  const auto seen =
      signal_of(data, {kernel, {}, summation}, query_contexts()).observe(queries(), time, {0, 0});

  const auto problem = problem_of(data, kernel, time);
  const auto exact = test::reference::ratio_estimate(problem);
  const auto tolerance = test::reference::round_off(problem, exact);
  CHECK(test::within(seen.score, exact.score, 2.0 * tolerance.score));
  CHECK(test::within(seen.effective_sample_size, exact.effective_sample_size,
                     4.0 * tolerance.logit * exact.effective_sample_size));
}

TEST_CASE(
    "Contexts and reward weights compose: the tilt is the loop's with kappa and e^{beta h/2}") {
  const Data data;
  const auto kernel = any_kernel();
  const double time = GENERATE(0.05, 0.5, 3.0);
  const auto summation = GENERATE(Summation::running, Summation::exact);

  const auto seen =
      signal_of(data, {kernel, {}, summation}, query_contexts()).observe(queries(), time, {0, 0});

  auto problem = problem_of(data, kernel, time);
  const auto plain = test::reference::ratio_estimate(problem);
  const auto plain_tolerance = test::reference::round_off(problem, plain);
  problem.log_weights = data.log_weights;
  const auto tilted = test::reference::ratio_estimate(problem);
  const auto tolerance = test::reference::round_off(problem, tilted);
  CHECK(test::within(seen.score + seen.tilt_gradient, tilted.score,
                     2.0 * (tolerance.score + plain_tolerance.score)));
  CHECK(test::within(seen.log_tilt, tilted.log_density_sum - plain.log_density_sum,
                     2.0 * (tolerance.log_density_sum + plain_tolerance.log_density_sum)));
}

TEST_CASE("With contexts the floor is compared with sum_j kappa_j p_j / M") {
  const Data data;
  const auto kernel = any_kernel();
  const double time = 0.5, floor = 1e-6;

  const auto seen = signal_of(data, {kernel, {.floor = floor}}, query_contexts())
                        .observe(queries(), time, {0, 0});

  auto problem = problem_of(data, kernel, time);
  problem.floor = floor;
  const auto exact = test::reference::ratio_estimate(problem);
  CHECK(test::within(seen.score, exact.score,
                     2.0 * test::reference::round_off(problem, exact).score));
  CHECK(seen.floor_activations == exact.log_excess.lt(0.0).sum().item<std::int64_t>());
  CHECK(seen.floor_activations > 0);
  CHECK(seen.floor_activations < num_queries);
}

TEST_CASE("With contexts pruning leaves out no more than its share") {
  const Data data;
  const auto kernel = any_kernel();
  const double time = 0.05, share = 1e-4;

  const auto pruned = signal_of(data, {kernel, {}, Summation::running, share}, query_contexts())
                          .observe(queries(), time, {0, 0});

  const auto problem = problem_of(data, kernel, time);
  const auto exact = test::reference::ratio_estimate(problem);
  // The mean moves by at most the share of the weight times the distance to what was left out.
  const double farthest = (data.x - data.centre).norm(2, 1).max().item<double>() * 2.0;
  const auto tolerance = 2.0 * test::reference::round_off(problem, exact).score +
                         2.0 * share * farthest * problem.signal / problem.variance;
  CHECK(pruned.pruned_share <= share);
  CHECK(test::within(pruned.score, exact.score, tolerance));
}

TEST_CASE("A context that no row is within reach of is an error with the compact kernel alone") {
  const Data data;
  auto contexts = query_contexts();
  contexts[7] = 1000.0F;
  const auto summation = GENERATE(Summation::running, Summation::exact);
  const auto far = [&](ContextKernel kernel) {
    return signal_of(data, {kernel, {}, summation}, contexts).observe(queries(), 0.5, {0, 0});
  };

  CHECK_NOTHROW(far(ContextKernel::gaussian));
  CHECK_THROWS_AS(far(ContextKernel::compact), base::NumericalError);
}

TEST_CASE("The contexts of equal rows and queries make no difference to them") {
  const Data data;
  auto same = data;
  same.contexts = torch::full({num_rows, 2}, 0.7);
  const auto kernel = any_kernel();

  const auto seen =
      signal_of(same, {kernel}, torch::full({num_queries, 2}, 0.7)).observe(queries(), 0.5, {0, 0});

  const score::RatioScore plain(test::toy_process(), data.x, torch::Tensor());
  const auto expected = plain.score(queries(), torch::full({num_queries}, 0.5, torch::kFloat64));
  CHECK(test::largest_difference(seen.score, expected) < 1e-4);
}

}  // namespace
