// SPDX-License-Identifier: MIT
#include <tropism/conditional/context_kernel.hpp>

#include <tropism/comm/row_split.hpp>

#include "support/catch.hpp"
#include "support/tensors.hpp"
#include "support/world.hpp"

namespace {

using namespace tropism;
using score::ContextKernel;
using test::world;

TEST_CASE("Over all ranks the effective rows are those of one rank with all rows") {
  const auto kernel = GENERATE(ContextKernel::gaussian, ContextKernel::compact);
  const auto rows = 3.0 * test::normal_points(1000, 2, 1), queries = test::normal_points(30, 2, 2);
  const auto mine = comm::split_rows(1000, world().size(), world().rank(), 300);

  const auto effective = conditional::effective_rows(
      world(), score::Scope::global, queries, rows.narrow(0, mine.first, mine.count), kernel);

  const auto alone = comm::Communicator::alone();
  const auto whole = conditional::effective_rows(alone, score::Scope::local, queries, rows, kernel);
  CHECK(torch::allclose(effective, whole, 1e-5));
}

TEST_CASE("With local scope a rank's effective rows are those of its own rows") {
  const auto rows = test::normal_points(1000, 1, 1), queries = test::normal_points(30, 1, 2);
  const auto mine = comm::split_rows(1000, world().size(), world().rank());
  const auto own = rows.narrow(0, mine.first, mine.count);

  const auto effective = conditional::effective_rows(world(), score::Scope::local, queries, own,
                                                     ContextKernel::gaussian);

  const auto alone = comm::Communicator::alone();
  CHECK(effective.equal(conditional::effective_rows(alone, score::Scope::local, queries, own,
                                                    ContextKernel::gaussian)));
}

}  // namespace
