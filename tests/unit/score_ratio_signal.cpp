// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_signal.hpp>

#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/reward/reward.hpp>

#include "support/catch.hpp"
#include "support/reference/ratio_estimator.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using score::RatioData;
using score::Summation;
using test::reference::RatioProblem;

const auto& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

constexpr std::int64_t num_rows = 300, num_queries = 50, dimension = 4;

/// Rows in three groups of different size and place, with log-weights of a reward.
struct Data {
  torch::Tensor x = test::normal_points(num_rows, dimension, 1) + 1.0;
  torch::Tensor groups = (torch::arange(num_rows) % 7).clamp_max(2);
  torch::Tensor log_weights = 0.5 * 0.8 * -(x - 2.0).square().sum(1);
  torch::Tensor centre = x.mean(0);

  [[nodiscard]] torch::Tensor rows_of(std::int64_t group) const {
    return groups.eq(group).nonzero().squeeze(1);
  }
};

std::shared_ptr<const score::RatioSetting> setting_of(const Data& data,
                                                      const score::ScoreConfig& config,
                                                      Summation summation = Summation::running,
                                                      bool weighted = true) {
  const auto rows = std::make_shared<RatioData>(
      alone(), score::Scope::local,
      score::DataRows{.x = data.x,
                      .groups = data.groups,
                      .num_groups = 3,
                      .log_weights = weighted ? data.log_weights : torch::Tensor()},
      data.centre, 64);
  return std::make_shared<score::RatioSetting>(
      score::RatioSetting{&alone(), test::toy_process(), rows, config,
                          base::RandomStream(9, base::Purpose::estimator_rows), summation, 48});
}

torch::Tensor query_groups() {
  return (torch::arange(num_queries) * 5) % 3;
}

torch::Tensor queries() {
  return test::normal_points(num_queries, dimension, 2) * 1.5;
}

/// The reference problem of the queries of one group.
RatioProblem problem_of(const Data& data, std::int64_t group, double time) {
  const auto process = test::toy_process();
  const auto mine = query_groups().eq(group).nonzero().squeeze(1), rows = data.rows_of(group);
  return {queries().index_select(0, mine), data.x.index_select(0, rows), torch::Tensor(),
          process->signal(time),           process->variance(time),      0.0};
}

torch::Tensor of_group(const torch::Tensor& values, std::int64_t group) {
  return values.index_select(0, query_groups().eq(group).nonzero().squeeze(1));
}

TEST_CASE("Each query's score is the loop's over the rows of its own group") {
  const Data data;
  const double time = GENERATE(0.05, 0.5, 3.0);
  const score::RatioSignal signal(setting_of(data, {}), query_groups());

  const auto seen = signal.observe(queries(), time, {0, 0});

  for (std::int64_t group = 0; group < 3; ++group) {
    const auto problem = problem_of(data, group, time);
    const auto exact = test::reference::ratio_estimate(problem);
    const auto tolerance = test::reference::round_off(problem, exact);
    CHECK(test::within(of_group(seen.score, group), exact.score, tolerance.score));
    CHECK(test::within(of_group(seen.effective_sample_size, group), exact.effective_sample_size,
                       4.0 * tolerance.logit * exact.effective_sample_size));
  }
}

TEST_CASE("The tilted score and the log-tilt are the loop's with weights e^{beta h/2} (D4)") {
  const Data data;
  const double time = GENERATE(0.05, 0.5, 3.0);
  const score::RatioSignal signal(setting_of(data, {}), query_groups());

  const auto seen = signal.observe(queries(), time, {0, 0});

  for (std::int64_t group = 0; group < 3; ++group) {
    auto problem = problem_of(data, group, time);
    const auto plain = test::reference::ratio_estimate(problem);
    const auto plain_tolerance = test::reference::round_off(problem, plain);
    problem.log_weights = data.log_weights.index_select(0, data.rows_of(group));
    const auto tilted = test::reference::ratio_estimate(problem);
    const auto tolerance = test::reference::round_off(problem, tilted);
    CHECK(test::within(of_group(seen.score + seen.tilt_gradient, group), tilted.score,
                       tolerance.score + plain_tolerance.score));
    CHECK(test::within(of_group(seen.log_tilt, group),
                       tilted.log_density_sum - plain.log_density_sum,
                       tolerance.log_density_sum + plain_tolerance.log_density_sum));
  }
}

TEST_CASE("Without a reward there is no tilt") {
  const score::RatioSignal signal(setting_of({}, {}, Summation::running, false), query_groups());

  const auto seen = signal.observe(queries(), 0.5, {0, 0});

  CHECK(seen.score.defined());
  CHECK_FALSE(seen.log_tilt.defined());
  CHECK_FALSE(seen.tilt_gradient.defined());
}

TEST_CASE("Exact summation is running summation up to round-off") {
  const Data data;
  const double time = GENERATE(0.05, 0.5, 3.0);
  const int samples = GENERATE(0, 20);
  const score::ScoreConfig config = {.samples = samples};
  const score::RatioSignal running(setting_of(data, config), query_groups());
  const score::RatioSignal exact(setting_of(data, config, Summation::exact), query_groups());

  const auto a = running.observe(queries(), time, {2, 3});
  const auto b = exact.observe(queries(), time, {2, 3});

  const double score_tolerance = 1e-5 / test::toy_process()->variance(time);
  CHECK(test::largest_difference(a.score, b.score) < score_tolerance);
  CHECK(test::largest_difference(a.tilt_gradient, b.tilt_gradient) < score_tolerance);
  CHECK(test::largest_difference(a.log_tilt, b.log_tilt) < 1e-4);
  CHECK(torch::allclose(a.effective_sample_size, b.effective_sample_size, 1e-4));
}

TEST_CASE("With m rows the score is the loop's over the rows that were drawn for this step") {
  const Data data;
  const auto setting = setting_of(data, {.samples = 15});
  const score::RatioSignal signal(setting, query_groups());
  const score::Draw draw = {4, 7};

  const auto seen = signal.observe(queries(), 0.5, draw);

  for (std::int64_t group = 0; group < 3; ++group) {
    std::vector<torch::Tensor> rows;
    for (const auto& block : setting->data->draw(group, 15, setting->stream, draw))
      rows.push_back(block.x + data.centre);
    auto problem = problem_of(data, group, 0.5);
    problem.data = torch::cat(rows);
    REQUIRE(problem.data.size(0) == 15);
    const auto exact = test::reference::ratio_estimate(problem);
    CHECK(test::within(of_group(seen.score, group), exact.score,
                       2.0 * test::reference::round_off(problem, exact).score));
  }
  CHECK(test::largest_difference(seen.score, signal.observe(queries(), 0.5, {4, 8}).score) > 0.01);
}

TEST_CASE("The floor compares with the mean density over the rows that were used") {
  const Data data;
  const int samples = GENERATE(0, 15);
  const double time = 0.5, floor = 1e-4;
  const auto setting = setting_of(data, {.samples = samples, .floor = floor});
  const score::RatioSignal signal(setting, query_groups());

  const auto seen = signal.observe(queries(), time, {4, 7});

  std::int64_t activations = 0;
  for (std::int64_t group = 0; group < 3; ++group) {
    std::vector<torch::Tensor> rows;
    for (const auto& block : setting->data->draw(group, samples, setting->stream, {4, 7}))
      rows.push_back(block.x + data.centre);
    auto problem = problem_of(data, group, time);
    problem.data = torch::cat(rows);
    problem.floor = floor;
    const auto exact = test::reference::ratio_estimate(problem);
    activations += exact.log_excess.lt(0.0).sum().item<std::int64_t>();
    CHECK(test::within(of_group(seen.score, group), exact.score,
                       2.0 * test::reference::round_off(problem, exact).score));
  }
  CHECK(seen.floor_activations == activations);
  CHECK(activations > 0);
  CHECK(activations < num_queries);
}

TEST_CASE("A signal that is asked about other than its bound queries is refused") {
  const score::RatioSignal signal(setting_of({}, {}), query_groups());

  CHECK_THROWS_AS(signal.observe(queries().narrow(0, 0, 10), 0.5, {0, 0}), base::ContractError);
}

TEST_CASE("A group without rows is an error for its queries, and for no others") {
  Data data;
  data.groups = torch::zeros({num_rows}, torch::kInt64);
  const auto setting = setting_of(data, {}, GENERATE(Summation::running, Summation::exact));

  const score::RatioSignal fine(setting, torch::zeros({num_queries}, torch::kInt64));
  const score::RatioSignal without_data(setting, query_groups());

  CHECK_NOTHROW(fine.observe(queries(), 0.5, {0, 0}));
  CHECK_THROWS_AS(without_data.observe(queries(), 0.5, {0, 0}), base::NumericalError);
}

TEST_CASE("The ratio score takes each point at its own noise time") {
  const Data data;
  const auto process = test::toy_process();
  const score::RatioScore score(process, data.x, data.log_weights);
  const auto x = queries();
  const auto t = torch::tensor({0.1F, 2.0F, 0.5F, 0.1F, 1.0F}).repeat({10});

  const auto found = score.score(x, t);

  for (const float time : {0.1F, 0.5F, 1.0F, 2.0F}) {
    const auto mine = t.eq(time).nonzero().squeeze(1);
    const RatioProblem problem = {x.index_select(0, mine),
                                  data.x,
                                  data.log_weights,
                                  process->signal(static_cast<double>(time)),
                                  process->variance(static_cast<double>(time)),
                                  0.0};
    const auto exact = test::reference::ratio_estimate(problem);
    CHECK(test::within(found.index_select(0, mine), exact.score,
                       test::reference::round_off(problem, exact).score));
  }
}

}  // namespace
