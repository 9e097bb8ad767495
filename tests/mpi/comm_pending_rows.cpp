// SPDX-License-Identifier: MIT
#include <tropism/comm/pending_rows.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/world.hpp"

using namespace tropism;
using test::world;

namespace {

/// 2, 0, 3, 1, .. rows of each rank.
std::vector<std::int64_t> uneven_counts() {
  static const std::int64_t counts[] = {2, 0, 3, 1};
  std::vector<std::int64_t> result;
  for (int rank = 0; rank < world().size(); ++rank) result.push_back(counts[rank % 4]);
  return result;
}

torch::Tensor rows_of(int rank, std::int64_t count) {
  return (torch::arange(count * 5, torch::kFloat32) + 100.0F * static_cast<float>(rank))
      .view({count, 5});
}

/// Running sums [L, q, s] of one number per rank and row, l = 3 (rank + row), value row + 1.
torch::Tensor sums_of(int rank, std::int64_t rows) {
  const auto row = torch::arange(rows, torch::kFloat64);
  const auto log = 3.0 * (row + rank);
  return torch::stack({log, torch::ones_like(row), torch::ones_like(row), row + 1.0}, 1);
}

TEST_CASE("Gathered rows are those of all ranks in their order") {
  const auto counts = uneven_counts();

  auto pending = comm::begin_gather(
      world(), rows_of(world().rank(), counts[static_cast<std::size_t>(world().rank())]), counts);
  pending.nudge();
  const auto found = pending.wait();

  std::vector<torch::Tensor> expected;
  for (int rank = 0; rank < world().size(); ++rank)
    expected.push_back(rows_of(rank, counts[static_cast<std::size_t>(rank)]));
  CHECK(torch::equal(found, torch::cat(expected)));
}

TEST_CASE("Merged rows are the log-sum-exp of all ranks, and each rank has its own") {
  const auto counts = uneven_counts();
  std::int64_t total = 0, first = 0;
  for (std::size_t rank = 0; rank < counts.size(); ++rank) {
    if (static_cast<int>(rank) == world().rank()) first = total;
    total += counts[rank];
  }

  const auto found = comm::begin_merge(world(), sums_of(world().rank(), total), counts).wait();

  auto weight = torch::zeros({total}, torch::kFloat64), squares = weight.clone();
  const auto last = 3.0 * (torch::arange(total, torch::kFloat64) + (world().size() - 1));
  for (int rank = 0; rank < world().size(); ++rank) {
    const double step = -3.0 * (world().size() - 1 - rank);
    weight += std::exp(step);
    squares += std::exp(2.0 * step);
  }
  const auto mine = [&](const torch::Tensor& t) {
    return t.narrow(0, first, counts[static_cast<std::size_t>(world().rank())]);
  };
  CHECK(torch::equal(found.select(1, 0), mine(last)));
  CHECK(torch::allclose(found.select(1, 1), mine(squares), 1e-14));
  CHECK(torch::allclose(found.select(1, 2), mine(weight), 1e-14));
  CHECK(torch::allclose(found.select(1, 3),
                        mine(weight * (torch::arange(total, torch::kFloat64) + 1.0)), 1e-14));
}

TEST_CASE("Rows without sums yet change nothing, and stay so where no rank has any") {
  const std::vector<std::int64_t> counts(static_cast<std::size_t>(world().size()), 2);
  auto rows = torch::zeros({2 * world().size(), 3}, torch::kFloat64);
  rows.select(1, 0).fill_(-std::numeric_limits<double>::infinity());
  if (world().is_root())  // the first row of every rank
    rows.slice(0, 0, rows.size(0), 2).copy_(torch::tensor({1.0, 2.0, 3.0}, torch::kFloat64));

  const auto found = comm::begin_merge(world(), rows, counts).wait();

  CHECK(torch::equal(found[0], torch::tensor({1.0, 2.0, 3.0}, torch::kFloat64)));
  CHECK(std::isinf(found[1][0].item<double>()));
  CHECK(found[1][2].item<double>() == 0.0);
}

TEST_CASE("Several transfers may be under way at once") {
  const std::vector<std::int64_t> counts(static_cast<std::size_t>(world().size()), 1);
  std::vector<comm::PendingRows> pending;
  for (int i = 0; i < 4; ++i)
    pending.push_back(comm::begin_gather(
        world(), torch::full({1, 2}, static_cast<float>(10 * i + world().rank())), counts));

  for (int i = 3; i >= 0; --i) {
    const auto found = pending[static_cast<std::size_t>(i)].wait();
    CHECK(found[world().size() - 1][1].item<float>() ==
          static_cast<float>(10 * i + world().size() - 1));
  }
}

TEST_CASE("Counts and rows that do not fit are refused") {
  const std::vector<std::int64_t> counts(static_cast<std::size_t>(world().size()), 1);
  const auto single = torch::zeros({world().size(), 1}, torch::kFloat64);

  CHECK_THROWS_AS(comm::begin_merge(world(), single, counts), base::ContractError);
  CHECK_THROWS_AS(comm::begin_gather(world(), torch::zeros({1, 2}), {}), base::ContractError);
}

}  // namespace
