// SPDX-License-Identifier: MIT
// Draws from the softmax weights: their frequencies against weights computed by a loop in double
// precision.
#include <tropism/score/posterior_draw.hpp>

#include <cmath>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"

namespace {

using namespace tropism;
using score::ContextKernel;
using score::NoiseLevel;

constexpr std::int64_t num_rows = 1300, num_groups = 3, num_draws = 20000;
constexpr NoiseLevel noise = {0.7, 0.5};

const auto& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

/// Rows in three groups, and two queries of each.
struct Problem {
  std::int64_t dimension = 1;
  ContextKernel kernel = ContextKernel::none;
  std::int64_t block_rows = 0;  // 0: blocks of more rows than a piece
  torch::Tensor x = test::normal_points(num_rows, dimension, 1) *
                    (2.0 / std::sqrt(static_cast<double>(dimension)));
  torch::Tensor groups = (torch::arange(num_rows) % 7).clamp_max(2);
  torch::Tensor contexts = test::normal_points(num_rows, 2, 2);
  torch::Tensor queries = test::normal_points(2 * num_groups, dimension, 3) *
                          (1.5 / std::sqrt(static_cast<double>(dimension)));
  torch::Tensor query_contexts = test::normal_points(2 * num_groups, 2, 4);

  [[nodiscard]] bool has_contexts() const { return kernel != ContextKernel::none; }

  [[nodiscard]] torch::Tensor draw(const torch::Tensor& uniform) const {
    const score::RatioData data(alone(), score::Scope::local,
                                {.x = x,
                                 .groups = groups,
                                 .num_groups = num_groups,
                                 .contexts = has_contexts() ? contexts : torch::Tensor(),
                                 .context_kernel = kernel},
                                torch::zeros({dimension}), block_rows);
    std::vector<score::QueryUnit> units;
    for (std::int64_t group = 0; group < num_groups; ++group)
      units.push_back({torch::tensor({group, group + num_groups}), data.blocks(group)});
    const score::Queries asked = {queries, has_contexts() ? query_contexts : torch::Tensor()};
    return score::PosteriorDraws(alone(), score::Scope::local, asked, units, noise).draw(uniform);
  }

  /// The normalised weight of every row for one query, 0 outside its group; float64 [M].
  [[nodiscard]] torch::Tensor weights(std::int64_t query) const {
    auto weight = torch::zeros({num_rows}, torch::kFloat64);
    for (std::int64_t j = 0; j < num_rows; ++j) {
      if (groups[j].item<std::int64_t>() != query % num_groups) continue;
      const auto difference = queries[query].to(torch::kFloat64) - noise.signal * x[j];
      const double squared = (query_contexts[query] - contexts[j]).square().sum().item<double>();
      double of_context = 1.0;
      if (kernel == ContextKernel::gaussian) of_context = std::exp(-0.5 * squared);
      if (kernel == ContextKernel::compact) of_context = std::max(0.0, 1.0 - squared);
      weight[j] =
          of_context * std::exp(-difference.square().sum().item<double>() / (2.0 * noise.variance));
    }
    return weight / weight.sum();
  }

  /// How often each row was drawn, [M]; found by its first coordinate, which no two rows share.
  [[nodiscard]] torch::Tensor counts(const torch::Tensor& drawn) const {
    const auto [sorted, order] = x.select(1, 0).contiguous().sort();
    const auto place = torch::searchsorted(sorted, drawn.select(1, 0).contiguous());
    const auto rows = order.index_select(0, place);
    REQUIRE(torch::equal(x.index_select(0, rows), drawn));
    return torch::bincount(rows, {}, num_rows).to(torch::kFloat64);
  }
};

torch::Tensor uniform_numbers(std::int64_t queries, std::int64_t draws) {
  return score::join_uniform(
      base::RandomStream(7, base::Purpose::evaluation).uniform(0, 0, queries, 2 * draws));
}

/// (chi^2 - degrees of freedom) in standard deviations, rows of fewer than 5 expected draws in one.
double chi_square_deviation(const torch::Tensor& counts, const torch::Tensor& expected) {
  const auto often = expected.ge(5.0), rare = often.logical_not();
  const auto term = [](const torch::Tensor& n, const torch::Tensor& e) {
    return ((n - e).square() / e).sum().item<double>();
  };
  double chi_square = term(counts.masked_select(often), expected.masked_select(often));
  double freedom = often.sum().item<double>() - 1.0;
  const auto rest = expected.masked_select(rare).sum();
  if (rest.item<double>() > 5.0) {
    chi_square += term(counts.masked_select(rare).sum(), rest);
    freedom += 1.0;
  }
  return (chi_square - freedom) / std::sqrt(2.0 * freedom);
}

void check_frequencies(const Problem& problem) {
  const auto drawn = problem.draw(uniform_numbers(2 * num_groups, num_draws));

  for (std::int64_t query = 0; query < 2 * num_groups; ++query) {
    const auto weights = problem.weights(query);
    const auto counts = problem.counts(drawn[query]);
    CHECK(counts.masked_select(weights == 0.0).sum().item<double>() == 0.0);
    CHECK(std::abs(chi_square_deviation(counts, weights * static_cast<double>(num_draws))) < 5.0);
  }
}

TEST_CASE("Rows are drawn as often as their weight in the query's group says") {
  check_frequencies({.dimension = GENERATE(1, 64), .block_rows = GENERATE(0, 512, 40)});
}

TEST_CASE("The kernel of contexts weighs the rows that are drawn") {
  check_frequencies(
      {.dimension = 2, .kernel = GENERATE(ContextKernel::gaussian, ContextKernel::compact)});
}

TEST_CASE("The draws do not depend on how the rows are cut into blocks") {
  const Problem whole = {.dimension = 3, .block_rows = 0};
  Problem cut = whole;
  cut.block_rows = GENERATE(512, 40);
  const auto uniform = uniform_numbers(2 * num_groups, 500);

  const auto different = whole.draw(uniform).ne(cut.draw(uniform)).any(2).sum();

  // A piece's weight is rounded to float32: 1e-7 of 3,000 draws lie where that matters.
  CHECK(different.item<std::int64_t>() == 0);
}

TEST_CASE("The least and the largest uniform number draw the first and the last row that weighs") {
  Problem problem = {.dimension = 1, .kernel = ContextKernel::compact};
  problem.x = problem.x * 0.3;  // no weight is lost in the fixed point
  const auto ends = torch::tensor({1e-16, 1.0 - 1e-16}, torch::kFloat64).expand({6, 2});

  const auto drawn = problem.draw(ends.contiguous());

  for (std::int64_t query = 0; query < 6; ++query) {
    const auto rows = problem.weights(query).gt(0.0).nonzero().squeeze(1);
    CHECK(torch::equal(drawn[query][0], problem.x[rows[0].item<std::int64_t>()]));
    CHECK(torch::equal(drawn[query][1], problem.x[rows[-1].item<std::int64_t>()]));
  }
}

TEST_CASE("A query far from all rows draws the nearest") {
  Problem problem = {.dimension = 2};
  problem.queries = problem.queries * 1e4;
  const auto drawn = problem.draw(uniform_numbers(6, 10));

  for (std::int64_t query = 0; query < 6; ++query) {
    const auto distance = (problem.queries[query].to(torch::kFloat64) - noise.signal * problem.x)
                              .square()
                              .sum(1)
                              .masked_fill(problem.groups != query % num_groups, 1e300);
    const auto nearest = problem.x[distance.argmin().item<std::int64_t>()];
    CHECK(torch::equal(drawn[query], nearest.expand({10, 2})));
  }
}

TEST_CASE("Uniform numbers for other than the queries are refused") {
  CHECK_THROWS_AS(Problem{}.draw(uniform_numbers(5, 2)), base::ContractError);
}

TEST_CASE("Two words make a uniform number that is finer than either") {
  const auto words = torch::tensor({{0.25, 0.5, 0.25, 0.75}}, torch::kFloat64);

  const auto joined = score::join_uniform(words);

  CHECK(joined[0][0].item<double>() == 0.25);
  CHECK(joined[0][1].item<double>() == 0.25 + std::ldexp(0.25, -32));
}

TEST_CASE("Two sets of draws tell |s - c|^2 without its noise: it is <s_1 - c, s_2 - c>") {
  const std::int64_t B = 5, n = GENERATE(1, 3), D = 4;
  const auto x = test::normal_points(B, D, 1);
  const auto drawn = test::normal_points(B * 2 * n, D, 2).view({B, 2, n, D});

  const auto told = score::score_of_draws(x, drawn, noise);

  const auto c = test::normal_points(B, D, 3).to(torch::kFloat64);
  const auto signals =
      (noise.signal * drawn.to(torch::kFloat64).mean(2) - x.unsqueeze(1)) / noise.variance;
  const auto product = ((signals.select(1, 0) - c) * (signals.select(1, 1) - c)).sum(1);
  CHECK(test::largest_difference(told.score, signals.mean(1)) < 1e-5);
  CHECK(test::largest_difference((told.score - c).square().sum(1) - told.noise, product) < 1e-4);
}

TEST_CASE("One set of draws tells no noise") {
  const auto drawn = test::normal_points(6, 2, 2).view({3, 1, 2, 2});

  const auto told = score::score_of_draws(test::normal_points(3, 2, 1), drawn, noise);

  CHECK_FALSE(told.noise.defined());
}

}  // namespace
