// SPDX-License-Identifier: MIT
#include <cmath>

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>
#include <tropism/evaluation/nearest_neighbours.hpp>

#include "support/catch.hpp"

namespace {

using namespace tropism;
using evaluation::Search;

torch::Tensor random_points(std::int64_t rows, std::int64_t dimension, std::int64_t step) {
  const base::RandomStream random(7, base::Purpose::evaluation);
  return random.normal(0, step, rows, dimension);
}

/// All distances, each by its own sum, in float64.
torch::Tensor sorted_distances(const torch::Tensor& x, const torch::Tensor& y) {
  const auto difference = x.to(torch::kFloat64).unsqueeze(1) - y.to(torch::kFloat64).unsqueeze(0);
  return std::get<0>(difference.square().sum(2).sqrt().sort(1));
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST_CASE("Tree and products find the distances of a plain search") {
  const auto dimension = GENERATE(1, 2, 8, 64);
  const auto x = random_points(57, dimension, 0);
  const auto y = random_points(203, dimension, 1);
  const auto expected = sorted_distances(x, y).narrow(1, 0, 3);

  const auto tree = evaluation::nearest_neighbours(x, y, 3, Search::tree);
  const auto products = evaluation::nearest_neighbours(x, y, 3, Search::products);

  CHECK(largest_difference(tree.distance, expected) < 1e-12);
  CHECK(largest_difference(products.distance, expected) < 1e-12);
}

TEST_CASE("The indices are those of rows at the distances") {
  const auto x = random_points(40, 12, 0);
  const auto y = random_points(90, 12, 1);

  const auto found = evaluation::nearest_neighbours(x, y, 4);

  const auto rows = y.index_select(0, found.index.flatten()).view({40, 4, 12}).to(torch::kFloat64);
  const auto distance = (rows - x.to(torch::kFloat64).unsqueeze(1)).square().sum(2).sqrt();
  CHECK(largest_difference(found.distance, distance) < 1e-12);
}

TEST_CASE("Products stay exact far from the origin, where squares cancel") {
  const auto offset = 3000.0F;
  const auto x = random_points(50, 32, 0) + offset;
  const auto y = torch::cat({random_points(300, 32, 1) + offset, torch::full({1, 32}, -1e6F)});

  const auto found = evaluation::nearest_neighbours(x, y, 2, Search::products);

  CHECK(largest_difference(found.distance, sorted_distances(x, y).narrow(1, 0, 2)) < 1e-9);
}

TEST_CASE("Products stay exact among more equal rows than there are spare candidates") {
  const auto y = random_points(5, 16, 0).repeat({30, 1});
  const auto x = random_points(20, 16, 1);

  const auto found = evaluation::nearest_neighbours(x, y, 31, Search::products);

  CHECK(largest_difference(found.distance, sorted_distances(x, y).narrow(1, 0, 31)) < 1e-12);
}

TEST_CASE("A row leaves out itself and keeps its duplicate") {
  const auto search = GENERATE(Search::tree, Search::products);
  const auto x = torch::tensor({0.0F, 1.0F, 1.0F, 3.0F}).view({4, 1});

  const auto found = evaluation::nearest_other_rows(x, 1, search);

  CHECK(found.distance.flatten().equal(torch::tensor({1.0, 0.0, 0.0, 2.0}, torch::kFloat64)));
  CHECK(found.index[1].item<std::int64_t>() == 2);
  CHECK(found.index[2].item<std::int64_t>() == 1);
}

TEST_CASE("Rows that are all equal are each other's neighbours at distance 0") {
  const auto search = GENERATE(Search::tree, Search::products);
  const auto x = torch::ones({50, 3});

  const auto found = evaluation::nearest_other_rows(x, 2, search);

  CHECK(found.distance.abs().max().item<double>() == 0.0);
  CHECK_FALSE((found.index == torch::arange(50).unsqueeze(1)).any().item<bool>());
}

TEST_CASE("A search for more rows than there are, or among NaN, is refused") {
  const auto x = random_points(3, 2, 0);
  const auto not_a_number = torch::full({3, 2}, NAN);

  CHECK_THROWS_AS(evaluation::nearest_neighbours(x, x, 4), base::ContractError);
  CHECK_THROWS_AS(evaluation::nearest_other_rows(x, 3), base::ContractError);
  CHECK_THROWS_AS(evaluation::nearest_neighbours(not_a_number, x, 1), base::ContractError);
}

TEST_CASE("No queries have no neighbours") {
  const auto search = GENERATE(Search::tree, Search::products);

  const auto found =
      evaluation::nearest_neighbours(torch::empty({0, 2}), torch::ones({4, 2}), 2, search);

  CHECK(found.index.sizes() == torch::IntArrayRef({0, 2}));
}

}  // namespace
