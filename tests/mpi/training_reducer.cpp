// SPDX-License-Identifier: MIT
// Sums of gradients and summaries of data over ranks, against the same on one rank.
#include <tropism/training/gradient_reducer.hpp>

#include <cmath>
#include <limits>

#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/comm/row_split.hpp>
#include <tropism/training/data_summary.hpp>

#include "support/alone.hpp"
#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/tensors.hpp"
#include "support/world.hpp"

namespace {

using namespace tropism;
using test::alone;
using test::world;
using training::Aggregate;
using training::GradientReducer;

constexpr std::int64_t size = 11, num_parts = 10;

/// Gradients of very different size.
torch::Tensor part(std::int64_t k) {
  return test::normal_points(1, size, k).squeeze(0) * std::pow(10.0, static_cast<double>(k % 5));
}

enum class Deal { in_turn, in_shares, all_to_the_last };

bool is_mine(Deal deal, std::int64_t k) {
  if (deal == Deal::in_turn) return k % world().size() == world().rank();
  if (deal == Deal::all_to_the_last) return world().rank() == world().size() - 1;
  const auto share = comm::split_rows(num_parts, world().size(), world().rank());
  return k >= share.first && k < share.first + share.count;
}

torch::Tensor sum_over_ranks(Aggregate aggregate, bool reproducible, Deal deal) {
  GradientReducer reducer(world(), aggregate, reproducible, num_parts);
  for (std::int64_t k = 0; k < num_parts; ++k)
    if (is_mine(deal, k)) reducer.add(part(k));
  return reducer.finish(size);
}

Deal any_deal() {
  return GENERATE(Deal::in_turn, Deal::in_shares, Deal::all_to_the_last);
}

TEST_CASE("The running sum over ranks is that of a loop, to round-off") {
  const auto aggregate = GENERATE(Aggregate::on_root, Aggregate::on_all);
  const auto deal = any_deal();

  const auto sum = sum_over_ranks(aggregate, false, deal);

  auto expected = torch::zeros({size}, torch::kFloat64);
  auto magnitude = torch::zeros({size}, torch::kFloat64);
  for (std::int64_t k = 0; k < num_parts; ++k) {
    expected += part(k).to(torch::kFloat64);
    magnitude += part(k).to(torch::kFloat64).abs();
  }
  if (world().is_root() || aggregate == Aggregate::on_all)
    CHECK(test::within(sum, expected, magnitude * 1e-6));
}

TEST_CASE("The reproducible sum has the bits of one rank, whatever the deal of parts to ranks") {
  const auto aggregate = GENERATE(Aggregate::on_root, Aggregate::on_all);
  const auto deal = any_deal();

  const auto sum = sum_over_ranks(aggregate, true, deal);

  GradientReducer on_one(alone(), Aggregate::on_root, true, num_parts);
  for (std::int64_t k = num_parts - 1; k >= 0; --k) on_one.add(part(k));
  const auto expected = on_one.finish(size);
  if (world().is_root() || aggregate == Aggregate::on_all) CHECK(sum.equal(expected));
}

TEST_CASE("A sum that arrives on all ranks is the same on all of them") {
  const bool reproducible = GENERATE(false, true);
  const auto deal = any_deal();

  const auto sum = sum_over_ranks(Aggregate::on_all, reproducible, deal);

  CHECK(comm::same_on_all_ranks(world(), sum));
}

TEST_CASE("A gradient of one rank that is not finite is an error on all ranks") {
  const double bad =
      GENERATE(std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity());
  const int whose = GENERATE(0, 1, 2, 3);
  GradientReducer reducer(world(), Aggregate::on_root, true, num_parts);
  auto gradient = part(world().rank());
  if (world().rank() == whose % world().size()) gradient[2] = bad;
  reducer.add(gradient);

  const auto message = test::message_of<base::NumericalError>([&] { return reducer.finish(size); });

  CHECK(test::contains(message, "not finite"));
}

/// Rows of very different size; each label in few places.
data::Dataset whole_set() {
  auto set = data::whole_dataset(test::normal_points(1001, 3, 7).exp() * 100.0);
  set.label = torch::arange(1001).div(300, "floor") * 10;
  return set;
}

data::Dataset part_of(const data::Dataset& whole, Deal deal) {
  if (deal == Deal::in_shares) {
    const auto share = comm::split_rows(whole.rows(), world().size(), world().rank());
    return data::narrow(whole, share.first, share.count);
  }
  const bool last = world().rank() == world().size() - 1;
  return data::narrow(whole, 0, last ? whole.rows() : 0);
}

TEST_CASE("The summary of sharded data has the bits of the summary on one rank") {
  const auto deal = GENERATE(Deal::in_shares, Deal::all_to_the_last);
  const auto whole = whole_set();

  const auto summary = training::summarise(world(), part_of(whole, deal), false);

  const auto expected = training::summarise(alone(), whole, false);
  CHECK(summary.rows == 1001);
  CHECK(summary.moments.mean.equal(expected.moments.mean));
  CHECK(summary.moments.variance == expected.moments.variance);
  CHECK(summary.label_values == std::vector<std::int64_t>{0, 10, 20, 30});
  CHECK(summary.label_counts == std::vector<std::int64_t>{300, 300, 300, 101});
}

TEST_CASE("The summary of replicated data counts every row once") {
  const auto whole = whole_set();

  const auto summary = training::summarise(world(), whole, true);

  const auto expected = training::summarise(alone(), whole, false);
  CHECK(summary.moments.mean.equal(expected.moments.mean));
  CHECK(summary.moments.variance == expected.moments.variance);
  CHECK(summary.label_counts == expected.label_counts);
}

}  // namespace
