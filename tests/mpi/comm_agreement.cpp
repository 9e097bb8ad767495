// SPDX-License-Identifier: MIT
#include <tropism/comm/agreement.hpp>

#include <algorithm>
#include <string>

#include <tropism/comm/collectives.hpp>

#include "support/catch.hpp"
#include "support/world.hpp"

using namespace tropism;
using test::world;

namespace {

bool is_last() {
  return world().rank() == world().size() - 1;
}

/// The message of rank `rank` as all ranks see it.
std::string as_seen_by_all(int rank, const std::string& message) {
  return world().size() == 1 ? message : "rank " + std::to_string(rank) + ": " + message;
}

}  // namespace

TEST_CASE("An error of one rank becomes the same error on all") {
  const auto open = [] {
    if (is_last()) throw base::IoError("The shard c.h5 is torn.");
  };

  CHECK_THROWS_AS(comm::together(world(), open), base::IoError);
  CHECK_THROWS_WITH(comm::together(world(), open),
                    as_seen_by_all(world().size() - 1, "The shard c.h5 is torn."));
}

TEST_CASE("Of several errors all ranks throw that of the lowest rank, with its status") {
  const int lowest = std::min(1, world().size() - 1);
  const auto fail = [&] {
    if (world().rank() == lowest) throw base::ConfigError("The lowest.");
    if (world().rank() > lowest) throw base::NumericalError("A higher one.");
  };

  CHECK_THROWS_AS(comm::together(world(), fail), base::ConfigError);
  CHECK_THROWS_WITH(comm::together(world(), fail), as_seen_by_all(lowest, "The lowest."));
}

TEST_CASE("A status without a type of its own survives") {
  base::ExitStatus seen = base::ExitStatus::done;

  try {
    comm::together(world(), [] { throw base::Error("Stopped.", base::ExitStatus::stopped); });
  } catch (const base::Error& error) {
    seen = error.status();
  }

  CHECK(seen == base::ExitStatus::stopped);
}

TEST_CASE("Without an error each rank has its own result, and the ranks are still in step") {
  const int doubled = comm::together(world(), [] { return 2 * world().rank(); });
  auto sum = torch::full({1}, doubled, torch::kInt32);
  comm::all_reduce_sum(world(), sum);

  CHECK(doubled == 2 * world().rank());
  CHECK(sum.item<int>() == world().size() * (world().size() - 1));
}

TEST_CASE("After an agreed error the ranks are still in step") {
  CHECK_THROWS_AS(comm::together(world(),
                                 [] {
                                   if (is_last()) throw base::IoError("Gone.");
                                 }),
                  base::IoError);

  auto count = torch::ones({1}, torch::kInt32);
  comm::all_reduce_sum(world(), count);

  CHECK(count.item<int>() == world().size());
}
