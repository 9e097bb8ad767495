// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_data.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using score::RatioData;
using score::Scope;

const auto& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

/// Row i is the number i, so that rows can be told apart.
torch::Tensor numbered_rows(std::int64_t rows) {
  return torch::arange(rows, torch::kFloat32).unsqueeze(1);
}

RatioData ungrouped(std::int64_t rows, std::int64_t block_rows = 0) {
  return {alone(), Scope::local, score::DataRows{.x = numbered_rows(rows)}, torch::zeros({1}),
          block_rows};
}

/// Groups 0, 1, 2, 0, 1, 2, ...; log-weights are row numbers over 10.
RatioData grouped(std::int64_t rows, std::int64_t block_rows, double centre = 0.0) {
  return {alone(), Scope::local,
          score::DataRows{.x = numbered_rows(rows),
                          .groups = torch::arange(rows) % 3,
                          .num_groups = 3,
                          .log_weights = torch::arange(rows, torch::kFloat32) / 10.0},
          torch::full({1}, centre), block_rows};
}

std::vector<std::int64_t> row_numbers(const std::vector<score::DataBlock>& blocks) {
  std::vector<std::int64_t> numbers;
  for (const auto& block : blocks)
    for (std::int64_t i = 0; i < block.x.size(0); ++i)
      numbers.push_back(std::llround(block.x[i][0].item<double>()));
  return numbers;
}

base::RandomStream rows_stream(std::uint64_t seed = 5) {
  return {seed, base::Purpose::estimator_rows};
}

TEST_CASE("A group has its own rows in order, and no other") {
  const auto data = grouped(20, 0);

  CHECK(data.num_groups() == 3);
  CHECK(row_numbers(data.blocks(0)) == std::vector<std::int64_t>{0, 3, 6, 9, 12, 15, 18});
  CHECK(row_numbers(data.blocks(2)) == std::vector<std::int64_t>{2, 5, 8, 11, 14, 17});
  CHECK(data.total_rows(0) == 7);
  CHECK(data.total_rows(2) == 6);
}

TEST_CASE("Rows are centred, keep their log-weights, and the largest coordinate is that of all") {
  const auto data = grouped(21, 0, 5.0);

  const auto& block = data.blocks(1).front();

  CHECK(torch::equal(block.x.squeeze(1), torch::arange(1, 21, 3).to(torch::kFloat32) - 5.0));
  CHECK(torch::allclose(block.log_weights, torch::arange(1, 21, 3).to(torch::kFloat32) / 10.0));
  CHECK(data.has_weights());
  CHECK(data.largest_coordinate() == 15.0);
  CHECK(data.centre().item<double>() == 5.0);
}

TEST_CASE("Each block lies within its rows of the data set, and all blocks are the group") {
  const std::int64_t block_rows = 8;
  const auto data = grouped(51, block_rows);

  for (std::int64_t group = 0; group < 3; ++group) {
    std::vector<std::int64_t> places;
    for (const auto& block : data.blocks(group)) {
      const auto numbers = row_numbers({block});
      REQUIRE_FALSE(numbers.empty());
      CHECK(numbers.front() / block_rows == numbers.back() / block_rows);
      places.push_back(numbers.front() / block_rows);
    }
    CHECK(places == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6});
    CHECK(static_cast<std::int64_t>(row_numbers(data.blocks(group)).size()) ==
          data.total_rows(group));
  }
}

TEST_CASE("Data without rows have groups without rows") {
  const RatioData data(alone(), Scope::local, score::DataRows{.x = torch::zeros({0, 2})},
                       torch::zeros({2}), 0);

  CHECK(data.total_rows(0) == 0);
  CHECK(data.blocks(0).empty());
  CHECK(data.largest_coordinate() == 0.0);
}

TEST_CASE("Rows, groups and centre that do not fit are refused") {
  const auto x = torch::zeros({4, 2});

  CHECK_THROWS_AS(RatioData(alone(), Scope::local, score::DataRows{.x = x}, torch::zeros({3}), 0),
                  base::ContractError);
  CHECK_THROWS_AS(RatioData(alone(), Scope::local,
                            score::DataRows{.x = x, .groups = torch::zeros({3}, torch::kInt64)},
                            torch::zeros({2}), 0),
                  base::ContractError);
}

TEST_CASE("A draw has m different rows of its group, in order, with their log-weights") {
  const auto data = grouped(90, 16);

  for (std::int64_t episode = 0; episode < 50; ++episode) {
    const auto blocks = data.draw(1, 12, rows_stream(), {episode, 0});

    const auto numbers = row_numbers(blocks);
    REQUIRE(numbers.size() == 12);
    CHECK(std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal<>()) ==
          numbers.end());
    CHECK(std::all_of(numbers.begin(), numbers.end(), [](auto n) { return n % 3 == 1; }));
    for (const auto& block : blocks)
      CHECK(torch::allclose(block.log_weights, block.x.squeeze(1) / 10.0));
  }
}

TEST_CASE("A draw of none or of all rows is all rows") {
  const auto data = grouped(20, 0);
  const auto all = row_numbers(data.blocks(0));

  CHECK(row_numbers(data.draw(0, 0, rows_stream(), {1, 1})) == all);
  CHECK(row_numbers(data.draw(0, 7, rows_stream(), {1, 1})) == all);
  CHECK(row_numbers(data.draw(0, 100, rows_stream(), {1, 1})) == all);
}

TEST_CASE("Each row and each pair of rows is drawn equally often") {
  const auto data = ungrouped(10);
  std::map<std::int64_t, double> singles;
  std::map<std::pair<std::int64_t, std::int64_t>, double> pairs;
  constexpr double draws = 6000.0;

  for (std::int64_t i = 0; i < 6000; ++i) {
    const auto numbers = row_numbers(data.draw(0, 3, rows_stream(), {i / 20, i % 20}));
    for (std::size_t a = 0; a < numbers.size(); ++a) {
      singles[numbers[a]] += 1.0 / draws;
      for (std::size_t b = 0; b < a; ++b) pairs[{numbers[b], numbers[a]}] += 1.0 / draws;
    }
  }

  const auto check_all = [&](const auto& frequencies, double expected) {
    const double standard_error = std::sqrt(expected * (1.0 - expected) / draws);
    for (const auto& [what, frequency] : frequencies)
      CHECK(std::abs(frequency - expected) < 6.0 * standard_error);
  };
  CHECK(singles.size() == 10);
  CHECK(pairs.size() == 45);
  check_all(singles, 3.0 / 10.0);
  check_all(pairs, (3.0 * 2.0) / (10.0 * 9.0));
}

TEST_CASE("A draw depends on seed, episode, step and group, and on nothing else") {
  const auto data = grouped(300, 0);
  const auto rows_over_3 = [&](std::int64_t group, std::uint64_t seed, score::Draw draw) {
    auto numbers = row_numbers(data.draw(group, 10, rows_stream(seed), draw));
    for (auto& number : numbers) number /= 3;
    return numbers;
  };

  const auto first = rows_over_3(0, 5, {3, 4});

  CHECK(rows_over_3(0, 5, {3, 4}) == first);
  CHECK(rows_over_3(0, 6, {3, 4}) != first);
  CHECK(rows_over_3(0, 5, {4, 4}) != first);
  CHECK(rows_over_3(0, 5, {3, 5}) != first);
  CHECK(rows_over_3(0, 5, {4, 3}) != first);
  CHECK(rows_over_3(1, 5, {3, 4}) != first);
}

TEST_CASE("Blocks do not change which rows are drawn") {
  const auto whole = ungrouped(100), cut = ungrouped(100, 16);

  const auto from_whole = row_numbers(whole.draw(0, 20, rows_stream(), {7, 2}));
  const auto from_cut = row_numbers(cut.draw(0, 20, rows_stream(), {7, 2}));

  CHECK(from_cut == from_whole);
}

}  // namespace
