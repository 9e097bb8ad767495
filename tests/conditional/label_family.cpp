// SPDX-License-Identifier: MIT
#include <tropism/conditional/label_family.hpp>

#include <tropism/conditional/context_field.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/reference/ratio_estimator.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;
using conditional::LabelFamily;
using conditional::LabelPrior;
using conditional::Labels;
using test::alone;

constexpr std::int64_t num_rows = 200, batch = 40;

/// Rows of labels 10, 20, 30, drawn from three places of the plane.
struct LabelledData {
  torch::Tensor places = torch::arange(num_rows) % 3;
  torch::Tensor x = test::normal_points(num_rows, 2, 0) + 4.0 * places.unsqueeze(1);

  [[nodiscard]] torch::Tensor rows_of(std::int64_t place) const {
    return x.index_select(0, places.eq(place).nonzero().squeeze(1));
  }
};

Labels labels() {
  return {{10, 20, 30}, {67, 67, 66}};
}

LabelFamily family(const LabelledData& data) {
  const auto rows = std::make_shared<score::RatioData>(
      alone(), score::Scope::local,
      score::DataRows{.x = data.x, .groups = data.places, .num_groups = 3}, data.x.mean(0), 0);
  const score::ScoreConfig config;
  const score::RatioSetting setting = {
      &alone(), test::toy_process(), rows, config, {1, base::Purpose::estimator_rows}};
  return {std::make_shared<score::RatioSetting>(setting), labels(), LabelPrior::data, 8};
}

torch::Tensor drawn_places(control::Trajectories trajectories) {
  return labels().draw_places({8, base::Purpose::condition}, LabelPrior::data, trajectories);
}

TEST_CASE("A trajectory's score signal is the estimate over the rows of its own label") {
  const LabelledData data;
  const control::Trajectories trajectories = {500, batch};
  const auto y = test::normal_points(batch, 2, 1) + 2.0;
  const auto process = test::toy_process();

  const auto seen = family(data).signal(trajectories)->observe(y, 0.7, {0, 0});

  const auto places = drawn_places(trajectories);
  for (std::int64_t place = 0; place < 3; ++place) {
    const auto mine = places.eq(place).nonzero().squeeze(1);
    REQUIRE(mine.numel() > 0);
    const test::reference::RatioProblem problem = {y.index_select(0, mine), data.rows_of(place),
                                                   torch::Tensor(),         process->signal(0.7),
                                                   process->variance(0.7),  0.0};
    const auto exact = test::reference::ratio_estimate(problem);
    CHECK(test::within(seen.score.index_select(0, mine), exact.score,
                       4.0 * test::reference::round_off(problem, exact).score));
  }
}

TEST_CASE("Networks are bound to the labels that the score signal uses") {
  const control::Trajectories trajectories = {500, batch};
  const auto mlp = std::make_shared<network::Mlp>(
      1 + 2 + 3, 2, network::MlpConfig{.width = 8, .depth = 1, .activation = "tanh"},
      network::LastLayer::random, 1, 0);
  const auto t = torch::full({batch}, 0.5), z = test::normal_points(batch, 2, 1);

  const auto output = family({}).fields(trajectories)(mlp)->forward(t, z);

  const auto expected = conditional::with_labels(drawn_places(trajectories), 3)(mlp)->forward(t, z);
  CHECK(torch::equal(output, expected));
}

TEST_CASE("The labels of trajectories do not depend on how they are dealt out") {
  const LabelledData data;
  const auto y = test::normal_points(batch, 2, 1);
  const auto observe = [&](std::int64_t first, std::int64_t count) {
    return family(data)
        .signal({500 + first, count})
        ->observe(y.narrow(0, first, count), 0.7, {0, 0})
        .score;
  };

  const auto whole = observe(0, batch);

  const auto parts = torch::cat({observe(0, 13), observe(13, 27)});
  CHECK(test::largest_difference(parts, whole) < 1e-4);
}

}  // namespace
