// SPDX-License-Identifier: MIT
// The cost model of `tropism bench scaling`: what it says, and that a fit finds its constants
// again.
#include <cmath>

#include "app/scaling_model.hpp"
#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using app::Scaling;
using training::Aggregate;

constexpr app::CostConstants constants = {.latency = 2e-6,
                                          .per_byte = 1e-10,
                                          .per_sum = 4e-11,
                                          .fixed = 1e-3,
                                          .per_trajectory = 2e-5,
                                          .step = 1e-4};
constexpr double noise = 0.02;  // relative

app::EpisodeWork work() {
  app::EpisodeWork work;
  work.batch = 300;
  work.updates = 2;
  work.weight_bytes = work.gradient_bytes = 40000;
  work.report_every = 25;
  return work;
}

/// 1 + noise, another number for each seed.
double disturbed(std::int64_t seed) {
  return 1.0 + noise * test::normal_points(1, 1, seed).item<double>();
}

std::vector<app::MessageTime> message_times() {
  std::vector<app::MessageTime> times;
  std::int64_t seed = 0;
  for (const int ranks : {2, 4, 8, 16})
    for (const std::int64_t bytes : {4, 10000, 40000, 160000})
      for (const auto aggregate : {Aggregate::on_root, Aggregate::on_all}) {
        const double L = std::log2(ranks), b = static_cast<double>(bytes);
        const double alphas = aggregate == Aggregate::on_root ? 2.0 : 1.0;
        const double seconds =
            L * (alphas * (constants.latency + b * constants.per_byte) + b * constants.per_sum);
        times.push_back({aggregate, ranks, bytes, seconds * disturbed(++seed)});
      }
  return times;
}

void check_within_errors(const app::LeastSquares& fit, std::size_t i, double truth) {
  CAPTURE(i, fit.constants[i], fit.standard_errors[i]);
  CHECK(fit.standard_errors[i] > 0.0);
  CHECK(fit.standard_errors[i] < 0.2 * truth);  // else the next line says nothing
  CHECK(std::abs(fit.constants[i] - truth) < 4.0 * fit.standard_errors[i]);
}

TEST_CASE("Latency, bandwidth and summation are found again in disturbed times") {
  const auto fit = app::fit_messages(message_times());

  check_within_errors(fit, 0, constants.latency);
  check_within_errors(fit, 1, constants.per_byte);
  check_within_errors(fit, 2, constants.per_sum);
  CHECK(fit.relative_error == Approx(noise).epsilon(0.5));
}

TEST_CASE("The fixed cost and that of a trajectory are found again in disturbed times") {
  std::vector<app::ComputeTime> times;
  for (const std::int64_t n : {1, 18, 75, 150, 300})
    for (std::int64_t repeat = 0; repeat < 4; ++repeat)
      times.push_back({n, (1e-3 + 2e-5 * static_cast<double>(n)) * disturbed(1000 * repeat + n)});

  const auto fit = app::fit_compute(times);

  check_within_errors(fit, 0, constants.fixed);
  check_within_errors(fit, 1, constants.per_trajectory);
}

TEST_CASE("A constant that would be negative is zero, and the others fit without it") {
  const auto terms = torch::tensor({1.0, 1.0, 1.0, 2.0, 1.0, 3.0}, torch::kFloat64).view({3, 2});
  const auto values = torch::tensor({1.0, 3.0, 5.0}, torch::kFloat64);  // 2 k - 1

  const auto fit = app::fit_relative(terms, values);

  CHECK(fit.constants[0] == 0.0);
  // sum_k (k c/v_k - 1)^2 is least at c = sum k/v_k / sum (k/v_k)^2
  const double first = 1.0 + 2.0 / 3.0 + 3.0 / 5.0, second = 1.0 + 4.0 / 9.0 + 9.0 / 25.0;
  CHECK(fit.constants[1] == Approx(first / second));
}

TEST_CASE("An episode of one rank is computing, stepping and nothing else") {
  for (const auto& scaling : {Scaling::strong, Scaling::weak}) {
    const auto cost = app::predict(constants, work(), scaling, Aggregate::on_root, 1);

    CHECK(cost.compute == Approx(1e-3 + 300 * 2e-5));
    CHECK(cost.messages == 0.0);
    CHECK(cost.total() == Approx(7.1e-3));
    CHECK(app::efficiency(scaling, 1, cost.total(), cost.total()) == 1.0);
  }
}

TEST_CASE("Messages of an episode follow the equation in the header") {
  const auto seconds = [](app::EpisodeWork episode, Scaling scaling, Aggregate aggregate) {
    return app::predict(constants, episode, scaling, aggregate, 100).messages;
  };
  const double L = 7, alpha = 2e-6, beta = 1e-10, gamma = 4e-11, b = 40000;
  const auto rest = [&](double N) {
    return L * alpha + (5 * L * alpha + 40 * N * (beta + gamma)) / 25;
  };
  auto reproducible = work();
  reproducible.gradient_bytes = 80000;

  CHECK(seconds(work(), Scaling::strong, Aggregate::on_root) ==
        Approx(2 * L * (2 * alpha + 2 * b * beta + b * gamma) + rest(300)));
  CHECK(seconds(work(), Scaling::weak, Aggregate::on_all) ==
        Approx(2 * L * (alpha + b * beta + b * gamma) + rest(30000)));
  CHECK(seconds(reproducible, Scaling::strong, Aggregate::on_all) ==
        Approx(2 * L * (2 * alpha + 2 * b * beta + 2 * b * gamma) + rest(300)));
}

TEST_CASE("Long sums cost the same bytes on any number of ranks, but not their broadcast") {
  constexpr app::CostConstants only_bytes = {.per_byte = 1e-7};
  auto wide = work();
  wide.updates = 1;
  wide.weight_bytes = wide.gradient_bytes = 10000000;
  wide.report_every = std::int64_t{1} << 40;  // its bytes do not matter here
  const auto seconds = [&](Aggregate aggregate, int ranks) {
    return app::predict(only_bytes, wide, Scaling::strong, aggregate, ranks).messages;
  };

  CHECK(seconds(Aggregate::on_all, 4) == Approx(2.0));  // log2 p
  CHECK(seconds(Aggregate::on_all, 16) == Approx(2.0 * 15 / 16));
  CHECK(seconds(Aggregate::on_all, 4096) == Approx(2.0 * 4095 / 4096));
  CHECK(seconds(Aggregate::on_root, 4096) == Approx(12 + 2.0 * 4095 / 4096));
}

TEST_CASE("The busiest rank has its share of whole micro-batches") {
  auto micro_batches = work();
  micro_batches.multiple = 48;

  CHECK(work().largest_share(Scaling::strong, 128) == 3);
  CHECK(work().largest_share(Scaling::weak, 128) == 300);
  CHECK(micro_batches.largest_share(Scaling::strong, 4) == 96);
  CHECK(micro_batches.largest_share(Scaling::strong, 4096) == 48);
}

TEST_CASE("The rank count at which aggregation rules is the first of more than half") {
  auto slow = constants;
  slow.latency = 3e-5;
  const std::vector<int> counts = {16, 32, 64, 128, 256};
  const auto share = [&](int ranks) {
    return app::predict(slow, work(), Scaling::strong, Aggregate::on_root, ranks)
        .aggregation_share();
  };

  const auto ranks =
      app::ranks_ruled_by_aggregation(slow, work(), Scaling::strong, Aggregate::on_root, counts);

  REQUIRE(ranks.has_value());
  CHECK(*ranks > 16);
  CHECK(share(*ranks) > 0.5);
  CHECK(share(*ranks / 2) <= 0.5);
  CHECK_FALSE(
      app::ranks_ruled_by_aggregation(constants, work(), Scaling::weak, Aggregate::on_all, counts));
}

}  // namespace
