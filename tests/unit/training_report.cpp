// SPDX-License-Identifier: MIT
#include <tropism/training/report.hpp>

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using training::Report;

torch::Tensor rows_of_trajectories(std::int64_t count) {
  return test::normal_points(count, training::num_columns, 3).to(torch::kFloat64) + 2.0;
}

double mean(const torch::Tensor& rows, std::int64_t column) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < rows.size(0); ++i) sum += rows[i][column].item<double>();
  return sum / static_cast<double>(rows.size(0));
}

TEST_CASE("A report holds the means over all trajectories, and the standard error of the reward") {
  const auto rows = rows_of_trajectories(13);
  Report report;

  training::summarise_trajectories(rows, report);

  double squares = 0.0;
  for (std::int64_t i = 0; i < 13; ++i)
    squares += std::pow(rows[i][0].item<double>() - mean(rows, 0), 2);
  CHECK(report.reward_mean == Approx(mean(rows, 0)));
  CHECK(report.reward_standard_error == Approx(std::sqrt(squares / 12.0 / 13.0)));
  CHECK(report.policy_loss == Approx(mean(rows, 1)));
  CHECK(report.value_loss == Approx(mean(rows, 2)));
  CHECK(report.policy_norm == Approx(mean(rows, 3)));
  CHECK(report.effective_sample_size == Approx(mean(rows, 4)));
}

TEST_CASE("One trajectory has no standard error that could be told, and it is reported as 0") {
  Report report;
  report.reward_standard_error = 7.0;

  training::summarise_trajectories(rows_of_trajectories(1), report);

  CHECK(report.reward_standard_error == 0.0);
}

TEST_CASE("A line of metrics holds every number under its name") {
  const Report report = {.step = 3,
                         .samples_seen = 300,
                         .seconds = 1.5,
                         .episodes_per_second = 2.0,
                         .policy_loss = 4.0,
                         .value_loss = 5.0,
                         .reward_mean = 6.0,
                         .reward_standard_error = 7.0,
                         .policy_norm = 8.0,
                         .gradient_norm = 9.0,
                         .effective_sample_size = 10.0,
                         .floor_activations = 11,
                         .pruned_share = 0.125,
                         .peak_memory_megabytes = 18.0,
                         .learning_rate = 12.0,
                         .time = {13.0, 14.0, 15.0, 16.0, 17.0},
                         .policy_gradient = training::PolicyGradientReport{1.25, 0.5, 19.0, 20.0}};

  const auto line = training::to_json(report);

  const auto expected = nlohmann::json::parse(R"({
    "step": 3, "episodes": 3, "samples_seen": 300, "seconds": 1.5, "episodes_per_second": 2.0,
    "policy_loss": 4.0, "value_loss": 5.0, "reward_mean": 6.0, "reward_standard_error": 7.0,
    "policy_norm": 8.0, "gradient_norm": 9.0, "effective_sample_size": 10.0,
    "floor_activations": 11, "pruned_share": 0.125, "peak_memory_megabytes": 18.0,
    "learning_rate": 12.0,
    "time": {"rollout": 13.0, "score": 14.0, "learn": 15.0, "reduce": 16.0, "io": 17.0},
    "policy_gradient": {"ratio_mean": 1.25, "clipped_share": 0.5, "kl": 19.0,
                        "advantage_deviation": 20.0}})");
  CHECK(line == expected);
}

}  // namespace
