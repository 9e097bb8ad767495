// SPDX-License-Identifier: MIT
#include <tropism/comm/row_split.hpp>

#include <algorithm>
#include <vector>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"

using tropism::comm::RowRange;
using tropism::comm::split_rows;

namespace {

std::vector<RowRange> all_shares(std::int64_t total, int ranks, std::int64_t multiple) {
  std::vector<RowRange> shares;
  for (int rank = 0; rank < ranks; ++rank)
    shares.push_back(split_rows(total, ranks, rank, multiple));
  return shares;
}

bool covers_every_row_once(const std::vector<RowRange>& shares, std::int64_t total) {
  std::int64_t next = 0;
  for (const RowRange& share : shares) {
    if (share.first != next || share.count < 0) return false;
    next += share.count;
  }
  return next == total;
}

bool begins_at_multiples(const std::vector<RowRange>& shares, std::int64_t multiple) {
  return std::all_of(shares.begin(), shares.end(), [&](const RowRange& share) {
    return share.count == 0 || share.first % multiple == 0;
  });
}

std::int64_t block_difference(const std::vector<RowRange>& shares, std::int64_t multiple) {
  const auto blocks = [&](const RowRange& share) {
    return (share.count + multiple - 1) / multiple;
  };
  const auto [least, most] = std::minmax_element(
      shares.begin(), shares.end(),
      [&](const RowRange& a, const RowRange& b) { return blocks(a) < blocks(b); });
  return blocks(*most) - blocks(*least);
}

}  // namespace

TEST_CASE(
    "Every row has one owner, shares begin at multiples and are differ by one block at most") {
  for (const std::int64_t total : {0, 1, 2, 7, 47, 48, 49, 96, 100, 1000}) {
    for (const int ranks : {1, 2, 3, 4, 7, 64}) {
      for (const std::int64_t multiple : {1, 2, 12, 48}) {
        const auto shares = all_shares(total, ranks, multiple);

        CAPTURE(total, ranks, multiple);
        CHECK(covers_every_row_once(shares, total));
        CHECK(begins_at_multiples(shares, multiple));
        CHECK(block_difference(shares, multiple) <= 1);
      }
    }
  }
}

TEST_CASE("The remainder goes to the first ranks") {
  CHECK((all_shares(10, 4, 1) == std::vector<RowRange>{{0, 3}, {3, 3}, {6, 2}, {8, 2}}));
  CHECK((all_shares(100, 2, 48) == std::vector<RowRange>{{0, 96}, {96, 4}}));
}

TEST_CASE("More rows than 32 bits count are split") {
  const std::int64_t total = std::int64_t{5} << 32;

  const auto shares = all_shares(total, 3, 48);

  CHECK(covers_every_row_once(shares, total));
}

TEST_CASE("A rank outside the group and a multiple below 1 are refused") {
  CHECK_THROWS_AS(split_rows(10, 2, 2), tropism::base::ContractError);
  CHECK_THROWS_AS(split_rows(10, 2, -1), tropism::base::ContractError);
  CHECK_THROWS_AS(split_rows(10, 2, 0, 0), tropism::base::ContractError);
}
