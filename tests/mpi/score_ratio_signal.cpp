// SPDX-License-Identifier: MIT
// The ratio estimator over the rows of all ranks against the same estimator on one.
#include <tropism/score/ratio_signal.hpp>

#include <algorithm>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/toy_mixture.hpp"
#include "support/world.hpp"

namespace {

using namespace tropism;
using score::RatioData;
using score::Scope;
using score::Summation;
using test::world;

constexpr std::int64_t micro_batch = 48;
constexpr double noise_time = 0.4;

/// How rows are dealt out: where each rank's share begins, in parts of the whole.
enum class Deal { even, uneven, first_rank_empty, last_rank_alone };

struct Range {
  std::int64_t first, count;
};

/// Share of a rank, cut at multiples of `multiple`.
Range share(std::int64_t total, std::int64_t multiple, Deal deal, int rank, int size) {
  const auto edge = [&](int r) -> std::int64_t {
    if (r <= 0) return 0;
    if (r >= size) return total;
    std::int64_t place = total * r / size;
    if (deal == Deal::uneven) place = total * r * r / (static_cast<std::int64_t>(size) * size);
    if (deal == Deal::first_rank_empty) place = total * (r - 1) / std::max(size - 1, 1);
    if (deal == Deal::last_rank_alone) place = 0;
    return std::min(total, place / multiple * multiple);
  };
  return {edge(rank), edge(rank + 1) - edge(rank)};
}

/// A problem that all ranks know in full: rows in three groups, queries of these groups.
struct Problem {
  std::int64_t dimension;
  std::int64_t num_rows = 2300;  // four whole blocks and a part of one
  std::int64_t num_queries = 200;
  torch::Tensor x = test::normal_points(num_rows, dimension, 1);
  torch::Tensor groups = (torch::arange(num_rows) * 7 % 5).clamp_max(2);
  torch::Tensor log_weights = -0.3 * (x - 1.0).square().sum(1);
  torch::Tensor queries = test::normal_points(num_queries, dimension, 2);
  torch::Tensor query_groups = torch::arange(num_queries) * 3 % 7 % 3;
  score::ContextKernel kernel = score::ContextKernel::none;
  torch::Tensor contexts = 3.0 * test::normal_points(num_rows, 2, 3);
  torch::Tensor query_contexts = contexts.narrow(0, 0, num_queries);

  [[nodiscard]] bool has_contexts() const { return kernel != score::ContextKernel::none; }
};

struct Method {
  Summation summation;
  int samples;
  std::int64_t queries_at_once = 2048;
};

/// What one group of ranks, each with its share, sees at its share of the queries.
score::Observation observe(const comm::Communicator& comm, const Problem& problem, Range rows,
                           Range queries, Method method) {
  const auto of_rows = [&](const torch::Tensor& t) { return t.narrow(0, rows.first, rows.count); };
  const auto of_queries = [&](const torch::Tensor& t) {
    return t.narrow(0, queries.first, queries.count);
  };
  const auto contexts = problem.has_contexts() ? of_rows(problem.contexts) : torch::Tensor();
  const auto data =
      std::make_shared<RatioData>(comm, Scope::global,
                                  score::DataRows{.x = of_rows(problem.x),
                                                  .groups = of_rows(problem.groups),
                                                  .num_groups = 3,
                                                  .log_weights = of_rows(problem.log_weights),
                                                  .contexts = contexts,
                                                  .context_kernel = problem.kernel},
                                  problem.x.mean(0), score::reproducible_block_rows);
  score::RatioSetting setting = {&comm,
                                 test::toy_process(),
                                 data,
                                 {.samples = method.samples, .scope = "global"},
                                 {9, base::Purpose::estimator_rows},
                                 method.summation,
                                 micro_batch};
  setting.queries_at_once = method.queries_at_once;
  const score::RatioSignal signal(
      std::make_shared<score::RatioSetting>(setting),
      {of_queries(problem.query_groups),
       problem.has_contexts() ? of_queries(problem.query_contexts) : torch::Tensor()});
  return signal.observe(of_queries(problem.queries), noise_time, {5, 3});
}

struct Comparison {
  score::Observation ours;   // of this rank
  score::Observation whole;  // the same rows of the one-rank result
};

Comparison compare(const Problem& problem, Deal rows_deal, Deal queries_deal, Method method,
                   bool at_blocks) {
  const int rank = world().rank(), size = world().size();
  const auto rows = share(problem.num_rows, at_blocks ? score::reproducible_block_rows : 1,
                          rows_deal, rank, size);
  const auto queries =
      share(problem.num_queries, at_blocks ? micro_batch : 1, queries_deal, rank, size);
  const auto alone = comm::Communicator::alone();
  auto whole = observe(alone, problem, {0, problem.num_rows}, {0, problem.num_queries}, method);
  for (auto* t :
       {&whole.score, &whole.log_tilt, &whole.tilt_gradient, &whole.effective_sample_size})
    *t = t->narrow(0, queries.first, queries.count);
  return {observe(world(), problem, rows, queries, method), whole};
}

Deal any_deal() {
  return GENERATE(Deal::even, Deal::uneven, Deal::first_rank_empty, Deal::last_rank_alone);
}

TEST_CASE("Over all ranks the running estimate is that of one rank up to round-off") {
  const Problem problem = {.dimension = GENERATE(2, 64)};
  const auto rows = any_deal(), queries = any_deal();
  const Method method = {Summation::running, GENERATE(0, 100), GENERATE(2048, 60)};

  const auto [ours, whole] = compare(problem, rows, queries, method, false);

  CHECK(torch::allclose(ours.score, whole.score, 1e-4, 1e-4));
  CHECK(torch::allclose(ours.tilt_gradient, whole.tilt_gradient, 1e-4, 1e-4));
  CHECK(torch::allclose(ours.log_tilt, whole.log_tilt, 1e-4, 1e-3));
  CHECK(torch::allclose(ours.effective_sample_size, whole.effective_sample_size, 1e-3));
}

TEST_CASE("Over all ranks the exact estimate is that of one rank bit for bit") {
  const Problem problem = {.dimension = GENERATE(2, 64)};
  const auto rows = any_deal(), queries = any_deal();
  const Method method = {Summation::exact, GENERATE(0, 100)};

  const auto [ours, whole] = compare(problem, rows, queries, method, true);

  CHECK(torch::equal(ours.score, whole.score));
  CHECK(torch::equal(ours.tilt_gradient, whole.tilt_gradient));
  CHECK(torch::equal(ours.log_tilt, whole.log_tilt));
  CHECK(torch::equal(ours.effective_sample_size, whole.effective_sample_size));
}

/// Row i lies in the group of query i, so that each query has a row at its own context.
Problem problem_with_contexts(score::ContextKernel kernel) {
  Problem problem = {.dimension = 2, .kernel = kernel};
  problem.groups.narrow(0, 0, problem.num_queries).copy_(problem.query_groups);
  return problem;
}

TEST_CASE("With contexts the estimate over all ranks is that of one rank, bit for bit if exact") {
  const auto problem = problem_with_contexts(
      GENERATE(score::ContextKernel::gaussian, score::ContextKernel::compact));
  const auto rows = any_deal(), queries = any_deal();
  const auto summation = GENERATE(Summation::running, Summation::exact);
  const bool exact = summation == Summation::exact;

  const auto [ours, whole] = compare(problem, rows, queries, {summation, 0}, exact);

  const double tolerance = exact ? 0.0 : 1e-4;
  CHECK(torch::allclose(ours.score, whole.score, tolerance, tolerance));
  CHECK(torch::allclose(ours.tilt_gradient, whole.tilt_gradient, tolerance, tolerance));
  CHECK(torch::allclose(ours.log_tilt, whole.log_tilt, tolerance, 10.0 * tolerance));
  CHECK(torch::allclose(ours.effective_sample_size, whole.effective_sample_size, 10.0 * tolerance));
}

TEST_CASE("All ranks together know the rows of all groups") {
  const Problem problem = {.dimension = 2};
  const auto rows = share(problem.num_rows, 1, any_deal(), world().rank(), world().size());

  const RatioData data(world(), Scope::global,
                       score::DataRows{.x = problem.x.narrow(0, rows.first, rows.count),
                                       .groups = problem.groups.narrow(0, rows.first, rows.count),
                                       .num_groups = 3},
                       torch::zeros({2}), 0);

  CHECK(data.largest_coordinate() == problem.x.abs().max().item<double>());
  for (std::int64_t group = 0; group < 3; ++group)
    CHECK(data.total_rows(group) == problem.groups.eq(group).sum().item<std::int64_t>());
}

TEST_CASE("With local scope a rank sees its own rows alone") {
  const Problem problem = {.dimension = 2};
  const auto rows = share(problem.num_rows, 1, Deal::uneven, world().rank(), world().size());
  const auto x = problem.x.narrow(0, rows.first, rows.count);
  const auto data = std::make_shared<RatioData>(world(), Scope::local, score::DataRows{.x = x},
                                                torch::zeros({2}), 0);
  score::RatioSetting setting = {
      &world(), test::toy_process(), data, {}, {9, base::Purpose::estimator_rows}};
  const score::RatioSignal signal(std::make_shared<score::RatioSetting>(setting),
                                  torch::zeros({problem.num_queries}, torch::kInt64));

  const auto seen = signal.observe(problem.queries, noise_time, {0, 0});

  const score::RatioScore own(test::toy_process(), x, torch::Tensor());
  const auto expected =
      own.score(problem.queries, torch::full({problem.num_queries}, noise_time, torch::kFloat64));
  CHECK(torch::allclose(seen.score, expected, 1e-4, 1e-4));
}

}  // namespace
