// SPDX-License-Identifier: MIT
#include <tropism/score/rank_rounds.hpp>

#include <numeric>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/world.hpp"

namespace {

using namespace tropism;
using test::world;

constexpr score::NoiseLevel noise = {0.8, 0.36};
constexpr std::int64_t dimension = 3, rows_per_rank = 50;
constexpr score::Weights both[] = {score::Weights::none, score::Weights::reward};

std::vector<std::int64_t> uneven_counts() {
  static const std::int64_t counts[] = {70, 0, 130, 1};
  return {counts, counts + world().size()};
}

torch::Tensor all_rows() {
  return test::normal_points(rows_per_rank * world().size(), dimension, 1);
}

score::DataBlock block_of(const torch::Tensor& x) {
  return score::DataBlock::make(x, -x.square().sum(1));
}

TEST_CASE("Rounds take each query of each rank once, about `most` at a time") {
  const std::int64_t most = GENERATE(4, 32, 1000);
  const std::vector<std::int64_t> counts = {70, 0, 130, 1};

  const auto rounds = score::deal_rounds(counts, 2, most);

  std::vector<torch::Tensor> places;
  std::int64_t own = 0;
  for (const auto& round : rounds) {
    CHECK(round.own.first == own);
    CHECK(round.own.count == round.counts[2]);
    CHECK(round.places.size(0) ==
          std::accumulate(round.counts.begin(), round.counts.end(), std::int64_t{0}));
    CHECK(round.places.size(0) <= most + 4);
    own += round.own.count;
    places.push_back(round.places);
  }
  CHECK(own == 130);
  CHECK(rounds.size() == static_cast<std::size_t>((201 + most - 1) / most));
  CHECK(torch::equal(std::get<0>(torch::cat(places).sort()), torch::arange(201)));
}

TEST_CASE("Sums over ranks are those over all rows, whatever the rounds") {
  const auto counts = uneven_counts();
  const auto before =
      std::accumulate(counts.begin(), counts.begin() + world().rank(), std::int64_t{0});
  const auto own = test::normal_points(201, dimension, 2)
                       .narrow(0, before, counts[static_cast<std::size_t>(world().rank())]);
  const auto mine = block_of(all_rows().narrow(0, rows_per_rank * world().rank(), rows_per_rank));
  const auto rounds = score::deal_rounds(counts, world().rank(), GENERATE(4, 32, 1000));

  const auto states = score::sum_over_ranks(
      world(), own, rounds, both, [&](const torch::Tensor& x, std::size_t, score::Weights weights) {
        return score::ratio_state(x, mine, noise, weights);
      });

  REQUIRE(states.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto expected = score::ratio_state(own, block_of(all_rows()), noise, both[i]);
    CHECK(torch::allclose(states[i].log_max, expected.log_max, 1e-6, 1e-6));
    CHECK(torch::allclose(states[i].weight, expected.weight, 1e-5));
    CHECK(torch::allclose(states[i].squared_weight, expected.squared_weight, 1e-5));
    CHECK(torch::allclose(states[i].weighted_sum, expected.weighted_sum, 1e-5, 1e-5));
  }
}

TEST_CASE("A round must be able to hold a query of each rank") {
  CHECK_THROWS_AS(score::deal_rounds({5, 5, 5}, 0, 2), base::ContractError);
}

}  // namespace
