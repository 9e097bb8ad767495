// SPDX-License-Identifier: MIT
#include <cmath>
#include <nlohmann/json.hpp>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/evaluation/report.hpp>

#include "support/catch.hpp"

namespace {

using namespace tropism;

/// Two clusters on a line, at 0 (label 3) and at 10 (label 8), stored as x / 10.
data::Dataset two_clusters(std::int64_t rows, std::int64_t step) {
  const base::RandomStream random(5, base::Purpose::evaluation);
  const auto label = torch::arange(rows, torch::kInt64).remainder(2) * 5 + 3;
  const auto centre = (label == 8).to(torch::kFloat32).unsqueeze(1) * 10.0F;
  auto dataset = data::whole_dataset((random.normal(0, step, rows, 1) + centre) / 10.0F);
  dataset.label = label;
  dataset.scaling.kind = data::ScalingKind::standard;
  dataset.scaling.factor = torch::full({1}, 10.0, torch::kFloat64);
  return dataset;
}

evaluation::Points samples_like(const data::Dataset& dataset) {
  return {dataset.scaling.undo(dataset.x), dataset.label};
}

evaluation::ReportConfig linear_reward(double beta) {
  evaluation::ReportConfig config;
  config.reward.kind = "linear";
  config.reward.weights = {1.0};
  config.reward.beta = beta;
  config.batches.rows = 100;
  return config;
}

TEST_CASE("A report compares in scaled units and describes in original ones") {
  const auto data = two_clusters(400, 0);

  const auto report = evaluation::make_report(samples_like(two_clusters(400, 1)), data, {});

  CHECK(*report.all.samples.intensity.mean == Approx(5.0).margin(0.3));
  CHECK(*report.all.samples.intensity_scaled == Approx(0.5).margin(0.03));
  CHECK(report.all.samples.column_mean.size() == 1);
  CHECK(*report.all.nearest.mean_distance < 0.05);
  CHECK(report.all.samples.reward.has_value() == false);
}

TEST_CASE("Each condition is compared with the data of its label") {
  const auto data = two_clusters(400, 0);

  const auto report = evaluation::make_report(samples_like(two_clusters(400, 1)), data, {});

  REQUIRE(report.conditions.size() == 2);
  CHECK(*report.conditions[0].label == 3);
  CHECK(*report.conditions[1].label == 8);
  CHECK(report.conditions[0].data.count == 200);
  CHECK(*report.conditions[0].samples.intensity.mean == Approx(0.0).margin(0.4));
  CHECK(*report.conditions[1].samples.intensity.mean == Approx(10.0).margin(0.4));
  CHECK(*report.conditions[1].agreement->fraction > 0.99);
  CHECK(std::abs(*report.conditions[1].divergence.whole.value) < 0.6);
}

TEST_CASE("Samples of the other label disagree with the label asked for") {
  const auto data = two_clusters(400, 0);
  auto samples = samples_like(two_clusters(100, 1));
  samples.label = torch::full({100}, 3, torch::kInt64);

  const auto report = evaluation::make_report(samples, data, {});

  CHECK(*report.all.agreement->fraction == Approx(0.5));
  CHECK(*report.all.data_agreement->fraction > 0.99);
  CHECK(*report.conditions.at(0).divergence.whole.value > 1.0);
}

TEST_CASE("With a reward a report has the tilt, the share reached and the least divergence") {
  const auto data = two_clusters(2000, 0);
  const auto shifted = samples_like(two_clusters(2000, 1)).x + 0.5F;

  const auto report =
      evaluation::make_report({shifted, two_clusters(2000, 1).label}, data, linear_reward(2.0));

  // N(c, 1) tilted by e^{x} is N(c + 1, 1): half the way, at KL 1/2 for all of it and 1/8 so far.
  const auto& first = report.conditions.at(0);
  CHECK(*first.share_reached == Approx(0.5).margin(0.15));
  CHECK(first.tilt->divergence == Approx(0.5).margin(0.15));
  CHECK(first.floor->divergence == Approx(0.125).margin(0.06));
  CHECK(first.samples.reward->fraction_positive == Approx(0.69).margin(0.05));
}

TEST_CASE("With labels the tilt keeps the share of each label, as a conditional model does") {
  const auto data = two_clusters(400, 0);

  const auto report =
      evaluation::make_report(samples_like(two_clusters(400, 1)), data, linear_reward(1.0));

  // Tilting all rows at once would leave nothing of the cluster at 0: the mean would be near 10.
  const double by_hand =
      0.5 * (report.conditions[0].tilt->mean_reward + report.conditions[1].tilt->mean_reward);
  CHECK(report.all.tilt->mean_reward == Approx(by_hand));
  CHECK(report.all.tilt->mean_reward == Approx(5.5).margin(0.3));
}

TEST_CASE("A memorising sampler is reported as such") {
  const auto data = two_clusters(300, 0);

  const auto report = evaluation::make_report(samples_like(data), data, {});

  CHECK(report.all.nearest.copies == 300);
  CHECK(*report.all.nearest.ratio == Approx(0.0).margin(1e-5));
  REQUIRE_FALSE(report.notes.empty());
  CHECK_THAT(report.notes[0], Catch::Matchers::Contains("300 of 300 samples are copies"));
}

TEST_CASE("A sampler that memorises one label alone is found out at that label") {
  const auto data = two_clusters(300, 0);
  auto samples = samples_like(two_clusters(300, 1));
  const auto copied = (*samples.label == 3).unsqueeze(1);
  samples.x = torch::where(copied, samples_like(data).x, samples.x);

  const auto report = evaluation::make_report(samples, data, {});

  CHECK(report.conditions.at(0).nearest.copies == 150);
  CHECK(*report.conditions.at(0).nearest.ratio == Approx(0.0).margin(1e-5));
  CHECK(report.conditions.at(1).nearest.copies == 0);
  CHECK(*report.conditions.at(1).nearest.ratio > 0.5);
}

TEST_CASE("A label without data has no divergence, and a note says why") {
  const auto data = two_clusters(50, 0);
  auto samples = samples_like(two_clusters(20, 1));
  samples.label = torch::full({20}, 4, torch::kInt64);

  const auto report = evaluation::make_report(samples, data, linear_reward(1.0));

  CHECK_FALSE(report.conditions.at(0).divergence.whole.value);
  CHECK_FALSE(report.conditions.at(0).tilt);
  CHECK_THAT(report.notes.back(), Catch::Matchers::Contains("There is no KL for label 4"));
}

TEST_CASE("A data set of one row is compared as far as it goes") {
  const auto data = data::whole_dataset(torch::zeros({1, 2}));

  const auto report = evaluation::make_report({torch::ones({5, 2}), std::nullopt}, data, {});

  CHECK_FALSE(report.all.nearest.ratio);
  CHECK(*report.all.nearest.mean_distance == Approx(std::sqrt(2.0)));
  CHECK(report.conditions.empty());
}

TEST_CASE("The JSON of a report has null for what is absent") {
  const auto data = two_clusters(60, 0);

  const auto report = evaluation::make_report(samples_like(two_clusters(60, 1)), data, {});
  const auto json = evaluation::report_json(report);

  CHECK(json.at("format") == "tropism.report");
  CHECK(json.at("all").at("samples").at("reward").is_null());
  CHECK(json.at("all").at("kl").at("value").is_number());
  CHECK(json.at("all").at("kl").at("batch_standard_error").is_null());
  CHECK(json.at("conditions").at(1).at("label") == 8);
}

TEST_CASE("Distances are those of each label's rows in the units the data are stored in") {
  const auto data = two_clusters(400, 0);
  auto samples = samples_like(two_clusters(400, 1));
  samples.x += 5.0F * (*samples.label == 8).to(torch::kFloat32).unsqueeze(1);

  const auto report = evaluation::make_report(samples, data, {});

  // Label 8 is shifted by 5 raw units, 0.5 scaled ones: on a line both W_p are the shift.
  const auto& same = report.conditions.at(0).distances;
  const auto& shifted = report.conditions.at(1).distances;
  CHECK(*same.sliced_first.value < 0.05);
  CHECK(*shifted.sliced_first.value == Approx(0.5).margin(0.05));
  CHECK(*shifted.sliced_second.value == Approx(0.5).margin(0.05));
  CHECK(std::abs(*same.energy.value) < 0.01);
  CHECK(*shifted.energy.value > 0.3);
  CHECK(std::abs(*same.discrepancy.value) < 0.05);
  CHECK(*shifted.discrepancy.value > 0.5);
}

TEST_CASE("The distances of a report do not depend on the order of samples and data") {
  const auto data = two_clusters(400, 0);
  auto other = two_clusters(400, 0);
  const auto order = torch::arange(399, -1, -1, torch::kInt64);
  other.x = other.x.index_select(0, order);

  auto config = linear_reward(0.0);
  config.metrics = {"energy", "sliced-wasserstein"};
  const auto first = evaluation::make_report(samples_like(two_clusters(300, 1)), data, config);
  const auto second = evaluation::make_report(samples_like(two_clusters(300, 1)), other, config);

  CHECK(*first.all.distances.energy.value == Approx(*second.all.distances.energy.value));
  CHECK(*first.all.distances.sliced_second.value ==
        Approx(*second.all.distances.sliced_second.value));
}

TEST_CASE("A report holds what is asked for, and null for the rest") {
  auto config = linear_reward(1.0);
  config.metrics = {"energy"};

  const auto report =
      evaluation::make_report(samples_like(two_clusters(60, 1)), two_clusters(60, 0), config);

  const auto all = evaluation::report_json(report).at("all");
  CHECK(all.at("energy_distance").at("value").is_number());
  for (const auto* absent : {"kl", "mmd_squared", "sliced_wasserstein_1", "nearest", "tilt"})
    CHECK(all.at(absent).is_null());
  CHECK(all.at("samples").at("reward").is_null());
  CHECK(report.notes.empty());
}

TEST_CASE("Batches give every estimate a mean and its 95 % interval") {
  auto config = linear_reward(0.0);
  config.batches = {50, 4};

  const auto report =
      evaluation::make_report(samples_like(two_clusters(400, 1)), two_clusters(400, 0), config);

  const auto all = evaluation::report_json(report).at("all");
  for (const auto* name :
       {"kl", "mmd_squared", "energy_distance", "sliced_wasserstein_1", "sliced_wasserstein_2"}) {
    const auto& found = all.at(name);
    CHECK(found.at("batches") == 4);
    const auto mean = found.at("batch_mean").get<double>();
    const auto error = found.at("batch_standard_error").get<double>();
    CHECK(found.at("batch_interval_95").at(0).get<double>() == Approx(mean - 1.96 * error));
    CHECK(found.at("batch_interval_95").at(1).get<double>() == Approx(mean + 1.96 * error));
  }
}

TEST_CASE("A note says where batches share the rows of the data") {
  auto config = linear_reward(0.0);
  config.metrics = {"energy"};
  config.batches = {50, 4};

  const auto few =
      evaluation::make_report(samples_like(two_clusters(400, 1)), two_clusters(60, 0), config);
  const auto enough =
      evaluation::make_report(samples_like(two_clusters(400, 1)), two_clusters(200, 0), config);

  REQUIRE(few.notes.size() == 1);
  CHECK_THAT(few.notes[0],
             Catch::Matchers::Contains("The 4 batches of 50 points share the 60 rows of data"));
  CHECK(enough.notes.empty());
}

TEST_CASE("More batches than the samples make, and unknown metrics, are refused") {
  evaluation::ReportConfig many;
  many.batches = {50, 9};
  evaluation::ReportConfig unknown;
  unknown.metrics = {"energi"};

  CHECK_THROWS_WITH(
      evaluation::make_report(samples_like(two_clusters(400, 1)), two_clusters(400, 0), many),
      Catch::Matchers::Contains("9 batches of 50 points need 450 samples, but there are 400"));
  CHECK_THROWS_WITH(unknown.validate(), Catch::Matchers::Contains("Did you mean energy?"));
}

TEST_CASE("Points that are all one have no mean discrepancy, and a note says why") {
  const auto data = data::whole_dataset(torch::zeros({20, 2}));

  const auto report = evaluation::make_report({torch::zeros({20, 2}), std::nullopt}, data, {});

  CHECK_FALSE(report.all.distances.discrepancy.value);
  CHECK(*report.all.distances.energy.value == 0.0);
  CHECK_THAT(report.notes.back(), Catch::Matchers::Contains("There is no MMD for all samples"));
}

TEST_CASE("A batch that is no larger than the number of neighbours is refused") {
  evaluation::ReportConfig config;
  config.neighbours = 5;
  config.batches.rows = 5;

  CHECK_THROWS_AS(config.validate(), base::ConfigError);
}

}  // namespace
