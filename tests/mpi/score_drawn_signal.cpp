// SPDX-License-Identifier: MIT
// Draws from the weights of the rows of all ranks against the draws of one rank that holds all.
#include <tropism/comm/row_split.hpp>
#include <tropism/score/ratio_signal.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"
#include "support/world.hpp"

namespace {

using namespace tropism;
using test::world;

constexpr std::int64_t num_rows = 2300;  // four whole blocks and a part of one
constexpr std::int64_t num_queries = 200, micro_batch = 48;

struct Problem {
  std::int64_t dimension;
  std::string signal;
  score::Summation summation = score::Summation::exact;
  std::int64_t rows_multiple = score::reproducible_block_rows;  // where ranks split the rows
  torch::Tensor x = test::normal_points(num_rows, dimension, 1) * (dimension > 2 ? 0.3 : 1.0);
  torch::Tensor groups = (torch::arange(num_rows) * 7 % 5).clamp_max(2);
  torch::Tensor queries = test::normal_points(num_queries, dimension, 2);
  torch::Tensor query_groups = torch::arange(num_queries) * 3 % 7 % 3;
};

/// What a rank sees at its share of the queries, from its share of the rows.
score::Observation observe(const comm::Communicator& comm, const Problem& problem,
                           comm::RowRange queries) {
  const auto rows = comm::split_rows(num_rows, comm.size(), comm.rank(), problem.rows_multiple);
  const auto data = std::make_shared<score::RatioData>(
      comm, score::Scope::global,
      score::DataRows{.x = problem.x.narrow(0, rows.first, rows.count),
                      .groups = problem.groups.narrow(0, rows.first, rows.count),
                      .num_groups = 3},
      problem.x.mean(0), score::reproducible_block_rows);
  score::ScoreConfig config;
  config.samples = 3;
  config.signal = problem.signal;
  score::RatioSetting setting = {&comm,
                                 test::toy_process(),
                                 data,
                                 config,
                                 {9, base::Purpose::estimator_rows},
                                 problem.summation,
                                 micro_batch};
  const score::RatioSignal signal(
      std::make_shared<score::RatioSetting>(setting),
      {problem.query_groups.narrow(0, queries.first, queries.count), {}, 1000 + queries.first});
  return signal.observe(problem.queries.narrow(0, queries.first, queries.count), 0.4, {5, 3});
}

struct Comparison {
  score::Observation ours;   // of this rank
  score::Observation whole;  // the same rows of the one-rank result
};

Comparison compare(const Problem& problem) {
  const auto mine = comm::split_rows(num_queries, world().size(), world().rank(), micro_batch);
  const auto alone = comm::Communicator::alone();
  auto whole = observe(alone, problem, {0, num_queries});
  for (auto* t : {&whole.score, &whole.score_noise})
    if (t->defined()) *t = t->narrow(0, mine.first, mine.count);
  return {observe(world(), problem, mine), whole};
}

TEST_CASE("Over the rows of all ranks the draws are those of one rank bit for bit") {
  const Problem problem = {.dimension = GENERATE(1, 64),
                           .signal = GENERATE("posterior-draw", "product")};

  const auto [ours, whole] = compare(problem);

  CHECK(torch::equal(ours.score, whole.score));
  CHECK(ours.score_noise.defined() == (problem.signal == "product"));
  if (ours.score_noise.defined()) CHECK(torch::equal(ours.score_noise, whole.score_noise));
}

TEST_CASE("Where ranks split the rows anywhere the draws are nearly always the same") {
  const auto [ours, whole] = compare({.dimension = 2,
                                      .signal = "posterior-draw",
                                      .summation = score::Summation::running,
                                      .rows_multiple = 1});

  // Weights of pieces round differently: 1e-7 of 600 draws.
  CHECK(torch::equal(ours.score, whole.score));
}

}  // namespace
