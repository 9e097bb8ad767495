// SPDX-License-Identifier: MIT
#include <tropism/conditional/contexts.hpp>

#include <cmath>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using conditional::ContextPrior;
using conditional::Contexts;

constexpr std::int64_t num_rows = 500;

/// Rows (uneven, constant, normal): coordinates of different place and width.
torch::Tensor rows() {
  const auto normal = test::normal_points(num_rows, 2, 1);
  return torch::stack({10.0 + normal.select(1, 0).exp(), torch::full({num_rows}, 7.0),
                       0.01 * normal.select(1, 1) - 3.0},
                      1)
      .to(torch::kFloat32);
}

training::ContextSummary summary_of(const torch::Tensor& contexts) {
  auto dataset = data::whole_dataset(torch::zeros({contexts.size(0), 1}));
  dataset.context = contexts;
  return training::summarise_contexts(comm::Communicator::alone(), dataset);
}

base::RandomStream stream(std::uint64_t seed = 3) {
  return {seed, base::Purpose::condition};
}

TEST_CASE("Networks see contexts of mean 0 and standard deviation 1, by coordinate") {
  const Contexts contexts(summary_of(rows()));

  const auto features = contexts.features(rows());

  for (const std::int64_t i : {0, 2}) {
    const auto column = features.select(1, i).to(torch::kFloat64);
    CHECK(std::abs(column.mean().item<double>()) < 1e-6);
    CHECK(column.std(/*unbiased=*/false).item<double>() == Approx(1.0).epsilon(1e-6));
  }
}

TEST_CASE("A coordinate that is constant in the data counts for nothing, whatever is asked for") {
  const Contexts contexts(summary_of(rows()));
  auto asked = rows();
  asked.select(1, 1).fill_(8.0);

  CHECK(contexts.varying() == 2);
  CHECK(contexts.size() == 3);
  CHECK(contexts.features(asked).equal(contexts.features(rows())));
  CHECK(contexts.in_bandwidths(asked, 0.1).select(1, 1).abs().max().item<double>() == 0.0);
}

TEST_CASE("Distances that the kernel sees are in bandwidths of standard deviations") {
  const Contexts contexts(summary_of(rows()));
  constexpr double bandwidth = 0.25;

  const auto seen = contexts.in_bandwidths(rows(), bandwidth);

  const auto sd = rows().to(torch::kFloat64).std(0, /*unbiased=*/false);
  const auto expected = (rows()[4] - rows()[9]).to(torch::kFloat64) / (sd * bandwidth);
  CHECK(test::largest_difference((seen[4] - seen[9])[0], expected[0]) < 1e-4);
  CHECK(test::largest_difference((seen[4] - seen[9])[2], expected[2]) < 1e-4);
}

TEST_CASE("Contexts that are all the same are refused") {
  const auto message = test::message_of<base::IoError>([] {
    return Contexts(summary_of(torch::full({9, 2}, 0.3)));
  });

  CHECK(test::contains(message, "the same context"));
  CHECK(test::contains(message, "[data] context"));
}

TEST_CASE("Contexts of another number of coordinates are refused") {
  const Contexts contexts(summary_of(rows()));

  CHECK_THROWS_AS(contexts.features(torch::zeros({4, 2})), base::ContractError);
}

TEST_CASE("The context of a trajectory depends on seed and trajectory number alone") {
  const auto prior = GENERATE(ContextPrior::data, ContextPrior::uniform);
  const Contexts contexts(summary_of(rows()));

  const auto all = contexts.draw(stream(), prior, {100, 60});

  CHECK(all.equal(torch::cat(
      {contexts.draw(stream(), prior, {100, 13}), contexts.draw(stream(), prior, {113, 47})})));
  CHECK_FALSE(contexts.draw(stream(4), prior, {100, 60}).equal(all));
}

TEST_CASE("With the prior of the data every row is drawn, and each as often") {
  constexpr std::int64_t n = 40000, few = 10;
  const auto numbers = torch::arange(few, torch::kFloat32).unsqueeze(1);
  const Contexts contexts(summary_of(numbers));

  const auto drawn = contexts.draw(stream(), ContextPrior::data, {0, n});

  const auto counts = (drawn == numbers.t()).sum(0).to(torch::kFloat64) / static_cast<double>(n);
  const double standard_error = std::sqrt(0.1 * 0.9 / static_cast<double>(n));
  CHECK(test::largest_difference(counts, torch::full({few}, 0.1)) < 6.0 * standard_error);
}

TEST_CASE("With the uniform prior contexts fill the box between smallest and largest evenly") {
  constexpr std::int64_t n = 40000;
  const Contexts contexts(summary_of(rows()));

  const auto drawn = contexts.draw(stream(), ContextPrior::uniform, {0, n}).to(torch::kFloat64);

  const auto low = rows().amin(0), high = rows().amax(0);
  CHECK_FALSE(contexts.outside(drawn.to(torch::kFloat32)).any().item<bool>());
  for (const std::int64_t i : {0, 2}) {
    const double width = (high[i] - low[i]).item<double>();
    const auto share = (drawn.select(1, i) - low[i].item<double>()) / width;
    // U(0, 1): mean 1/2, variance 1/12; of the square 1/3 and 1/5 - 1/9
    CHECK(std::abs(share.mean().item<double>() - 0.5) < 6.0 * std::sqrt(1.0 / 12.0 / n));
    CHECK(std::abs(share.square().mean().item<double>() - 1.0 / 3.0) <
          6.0 * std::sqrt((1.0 / 5.0 - 1.0 / 9.0) / n));
  }
}

TEST_CASE("Probes are contexts of the data from the first to the last part of it") {
  const auto numbers = torch::arange(1000, torch::kFloat32).unsqueeze(1);
  const Contexts contexts(summary_of(numbers));

  CHECK(contexts.probes(4).squeeze(1).equal(torch::tensor({0.0F, 250.0F, 500.0F, 750.0F})));
  CHECK(contexts.probes(5000).equal(numbers));
}

TEST_CASE("A context is outside if one of its coordinates is beyond the data's") {
  const Contexts contexts(summary_of(torch::tensor({{0.0F, 5.0F}, {1.0F, 6.0F}})));
  const auto asked =
      torch::tensor({{0.0F, 5.0F}, {1.0F, 6.0F}, {0.5F, 6.01F}, {-0.01F, 5.5F}, {2.0F, 9.0F}});

  const auto outside = contexts.outside(asked);

  CHECK(outside.equal(torch::tensor({0, 0, 1, 1, 1}, torch::kBool)));
}

}  // namespace
