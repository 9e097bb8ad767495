// SPDX-License-Identifier: MIT
#include <tropism/comm/collectives.hpp>

#include <limits>
#include <string>
#include <vector>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/world.hpp"

using namespace tropism;
using test::world;

namespace {

const std::vector<torch::ScalarType> dtypes = {torch::kFloat32, torch::kFloat64, torch::kInt64,
                                               torch::kInt32};

/// The values of one rank, so that every rank can compute what the others hold.
torch::Tensor values_of(int rank, torch::ScalarType dtype) {
  return ((torch::arange(10, torch::kInt64) * 7 + rank * 13) % 11 - 4).to(dtype);
}

torch::Tensor values_of_all(torch::ScalarType dtype) {
  std::vector<torch::Tensor> values;
  for (int rank = 0; rank < world().size(); ++rank) values.push_back(values_of(rank, dtype));
  return torch::stack(values);
}

/// A rank's block of rows: 2, 0, 3, 1, 2, ... rows of shape [3, 2].
torch::Tensor rows_of(int rank, torch::ScalarType dtype) {
  static const std::int64_t counts[] = {2, 0, 3, 1};
  const std::int64_t count = counts[rank % 4];
  return (torch::arange(count * 6, torch::kInt64) + 100 * rank).view({count, 3, 2}).to(dtype);
}

torch::Tensor rows_of_all(torch::ScalarType dtype) {
  std::vector<torch::Tensor> rows;
  for (int rank = 0; rank < world().size(); ++rank) rows.push_back(rows_of(rank, dtype));
  return torch::cat(rows);
}

/// Groups that send everything at once, in pieces of 3 elements, and element by element.
std::vector<comm::Communicator> groups_of_all_limits() {
  std::vector<comm::Communicator> groups;
  groups.push_back(world().duplicate());
  for (const std::int64_t limit : {3, 1}) {
    groups.push_back(world().duplicate());
    groups.back().limit_messages_to(limit);
  }
  return groups;
}

template <class Check>
void for_each_limit_and_dtype(Check&& check) {
  for (const auto& group : groups_of_all_limits()) {
    for (const auto dtype : dtypes) {
      CAPTURE(group.message_limit(), torch::toString(dtype));
      check(group, dtype);
    }
  }
}

}  // namespace

TEST_CASE("all_reduce_sum is the sum over ranks") {
  for_each_limit_and_dtype([](const comm::Communicator& group, torch::ScalarType dtype) {
    auto values = values_of(group.rank(), dtype);

    comm::all_reduce_sum(group, values);

    CHECK(torch::equal(values, values_of_all(dtype).sum(0).to(dtype)));
  });
}

TEST_CASE("all_reduce_max is the maximum over ranks") {
  for_each_limit_and_dtype([](const comm::Communicator& group, torch::ScalarType dtype) {
    auto values = values_of(group.rank(), dtype);

    comm::all_reduce_max(group, values);

    CHECK(torch::equal(values, values_of_all(dtype).amax(0)));
  });
}

TEST_CASE("reduce_sum_on_root changes rank 0 alone") {
  for_each_limit_and_dtype([](const comm::Communicator& group, torch::ScalarType dtype) {
    auto values = values_of(group.rank(), dtype);

    comm::reduce_sum_on_root(group, values);

    const auto sum = values_of_all(dtype).sum(0).to(dtype);
    CHECK(torch::equal(values, group.is_root() ? sum : values_of(group.rank(), dtype)));
  });
}

TEST_CASE("A long sum on rank 0 is right, and the other ranks keep their values") {
  constexpr std::int64_t length = 300000;
  CHECK(comm::sums_in_parts(world().size(), 4 * length) == (world().size() >= 8));
  const auto values_of_rank = [](int rank) {
    return (torch::arange(length) % 97 + 1000 * rank).to(torch::kFloat32);
  };
  auto values = values_of_rank(world().rank());

  comm::reduce_sum_on_root(world(), values);

  auto expected = values_of_rank(world().rank());
  if (world().is_root())
    for (int rank = 1; rank < world().size(); ++rank) expected += values_of_rank(rank);
  CHECK(torch::equal(values, expected));  // whole numbers below 2^24: no rounding
}

TEST_CASE("broadcast gives all ranks the tensor of rank 0") {
  for_each_limit_and_dtype([](const comm::Communicator& group, torch::ScalarType dtype) {
    auto values = values_of(group.rank(), dtype);

    comm::broadcast(group, values);

    CHECK(torch::equal(values, values_of(0, dtype)));
  });
}

TEST_CASE("broadcast gives all ranks the text of rank 0, empty or with zero bytes") {
  for (const auto& group : groups_of_all_limits()) {
    for (const std::string& original : {std::string(), std::string("config\0[run]\n", 13)}) {
      std::string text = group.is_root() ? original : "something longer that must go";

      comm::broadcast(group, text);

      CHECK(text == original);
    }
  }
}

TEST_CASE("all_gather_rows keeps rank order with uneven and empty blocks") {
  for_each_limit_and_dtype([](const comm::Communicator& group, torch::ScalarType dtype) {
    const auto all = comm::all_gather_rows(group, rows_of(group.rank(), dtype));

    CHECK(torch::equal(all, rows_of_all(dtype)));
  });
}

TEST_CASE("gather_rows_on_root gives the rows to rank 0 and nothing to the others") {
  for_each_limit_and_dtype([](const comm::Communicator& group, torch::ScalarType dtype) {
    const auto all = comm::gather_rows_on_root(group, rows_of(group.rank(), dtype));

    CHECK(all.defined() == group.is_root());
    if (group.is_root()) CHECK(torch::equal(all, rows_of_all(dtype)));
  });
}

TEST_CASE("Rows without any element and ranks without any row can be gathered") {
  const auto no_columns = comm::all_gather_rows(world(), torch::zeros({2, 0}));
  const auto on_root = comm::gather_rows_on_root(world(), torch::zeros({2, 0}));
  const auto no_rows = comm::all_gather_rows(world(), torch::zeros({0, 5}));

  CHECK(no_columns.sizes() == torch::IntArrayRef({2 * world().size(), 0}));
  CHECK(no_rows.sizes() == torch::IntArrayRef({0, 5}));
  if (world().is_root()) CHECK(on_root.sizes() == no_columns.sizes());
}

TEST_CASE("Rows of different shape or dtype are refused on all ranks") {
  if (world().size() == 1) return;  // one rank cannot disagree
  const bool last = world().rank() == world().size() - 1;

  CHECK_THROWS_AS(comm::all_gather_rows(world(), torch::zeros({2, last ? 3 : 4})),
                  base::ContractError);
  CHECK_THROWS_AS(
      comm::all_gather_rows(world(), torch::zeros({2}, last ? torch::kInt32 : torch::kInt64)),
      base::ContractError);
  CHECK_THROWS_AS(comm::gather_rows_on_root(world(), torch::zeros({2, last ? 3 : 4})),
                  base::ContractError);
}

TEST_CASE("all_agree needs every rank") {
  const bool last = world().rank() == world().size() - 1;

  CHECK(comm::all_agree(world(), true));
  CHECK_FALSE(comm::all_agree(world(), !last));
}

TEST_CASE("same_on_all_ranks compares bits, shapes and dtypes") {
  for (const auto& group : groups_of_all_limits()) {
    const bool odd = group.size() > 1 && group.rank() == group.size() - 1;
    const auto nan = torch::full({4}, std::numeric_limits<float>::quiet_NaN());
    const bool alone = group.size() == 1;

    CHECK(comm::same_on_all_ranks(group, nan));
    CHECK(comm::same_on_all_ranks(group, torch::arange(6).view({2, 3}).t()));
    CHECK(comm::same_on_all_ranks(group, torch::full({2}, odd ? -0.0 : 0.0)) == alone);
    CHECK(comm::same_on_all_ranks(group, torch::zeros({odd ? 3 : 2})) == alone);
    CHECK(comm::same_on_all_ranks(
              group, torch::zeros({2}, odd ? torch::kInt32 : torch::kFloat32)) == alone);
  }
}

TEST_CASE("Ranks are numbered from zero and each has its own") {
  const auto ranks =
      comm::all_gather_rows(world(), torch::full({1}, world().rank(), torch::kInt32));

  CHECK(torch::equal(ranks, torch::arange(world().size(), torch::kInt32)));
  CHECK(world().is_root() == (world().rank() == 0));
}
