// SPDX-License-Identifier: MIT
// What is remembered of contexts, and their effective rows, on any number of ranks.
#include <tropism/training/context_summary.hpp>

#include <cmath>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/world.hpp"

namespace {

using namespace tropism;
using test::world;
using training::ContextSummary;

/// Rows whose first context coordinate is their number.
data::Dataset rows(std::int64_t count) {
  auto dataset = data::whole_dataset(torch::zeros({count, 1}));
  dataset.context = torch::cat(
      {torch::arange(count, torch::kFloat32).unsqueeze(1), test::normal_points(count, 2, 1)}, 1);
  return dataset;
}

/// Rank r's rows: an empty share first, the others ever larger.
data::Dataset uneven_share(const data::Dataset& whole) {
  const std::int64_t rank = world().rank(), size = world().size();
  if (size == 1) return whole;
  const auto edge = [&](std::int64_t r) {
    return whole.rows() * r * r / ((size - 1) * (size - 1));
  };
  return rank == 0 ? data::narrow(whole, 0, 0)
                   : data::narrow(whole, edge(rank - 1), edge(rank) - edge(rank - 1));
}

void check_same_bits(const ContextSummary& a, const ContextSummary& b) {
  CHECK(a.kept.equal(b.kept));
  CHECK(a.low.equal(b.low));
  CHECK(a.high.equal(b.high));
  CHECK(a.mean.equal(b.mean));
  CHECK(a.sd.equal(b.sd));
}

TEST_CASE("The summary of contexts has the same bits on every rank as on one") {
  const auto whole = rows(GENERATE(3, 1000, training::most_contexts_kept + 4321));

  const auto ours = training::summarise_contexts(world(), uneven_share(whole));

  check_same_bits(ours, training::summarise_contexts(comm::Communicator::alone(), whole));
}

TEST_CASE("Of a large set one context of each equal part of its rows is kept") {
  constexpr std::int64_t count = 5 * training::most_contexts_kept;

  const auto summary = training::summarise_contexts(world(), uneven_share(rows(count)));

  const auto numbers = summary.kept.select(1, 0).to(torch::kInt64);
  CHECK(numbers.floor_divide(5).equal(torch::arange(training::most_contexts_kept, torch::kInt64)));
  // Which of the five is left to chance: each a fifth of the time, within 6 standard errors.
  const auto shares = torch::bincount(numbers % 5).to(torch::kFloat64) /
                      static_cast<double>(training::most_contexts_kept);
  CHECK(test::largest_difference(shares, torch::full({5}, 0.2)) < 6.0 * std::sqrt(0.16 / 16384.0));
}

TEST_CASE("The range is that of all rows, kept or not") {
  constexpr std::int64_t count = 5 * training::most_contexts_kept;
  const auto whole = rows(count);

  const auto summary = training::summarise_contexts(world(), uneven_share(whole));

  CHECK(summary.low.equal(whole.context->amin(0)));
  CHECK(summary.high.equal(whole.context->amax(0)));
}

TEST_CASE("A small set is kept whole, with its moments") {
  const auto whole = rows(1000);

  const auto summary = training::summarise_contexts(world(), uneven_share(whole));

  const auto contexts = whole.context->to(torch::kFloat64);
  CHECK(summary.kept.equal(*whole.context));
  CHECK(torch::allclose(summary.mean, contexts.mean(0)));
  CHECK(torch::allclose(summary.sd, contexts.std(0, /*unbiased=*/false)));
}

}  // namespace
