// SPDX-License-Identifier: MIT
#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>

#include "support/catch.hpp"
#include "support/world.hpp"

using namespace tropism;
using test::world;

namespace {

/// The ranks, as numbered in the world, of a group's members in their order.
torch::Tensor members(const comm::Communicator& group) {
  return comm::all_gather_rows(group, torch::full({1}, world().rank(), torch::kInt64));
}

}  // namespace

TEST_CASE("Ranks that bring the same number form a group in their old order") {
  const int parity = world().rank() % 2;

  const auto group = world().split(parity);

  CHECK(torch::equal(members(group), torch::arange(parity, world().size(), 2)));
  CHECK(group.is_root() == (world().rank() == parity));
}

TEST_CASE("Messages of a group reach its members alone") {
  const int half = world().rank() < world().size() / 2 ? 0 : 1;

  const auto group = world().split(half);
  auto sum = torch::full({1}, world().rank(), torch::kInt64);
  comm::all_reduce_sum(group, sum);

  CHECK(sum.item<std::int64_t>() == members(group).sum().item<std::int64_t>());
}

TEST_CASE("Some ranks of a group can go on while the others wait for all") {
  const auto group = world().split(world().is_root() ? 0 : 1);
  auto steps = torch::zeros({1}, torch::kInt64);

  if (!world().is_root())
    for (int i = 0; i < 5; ++i) comm::all_reduce_sum(group, steps.fill_(1));
  world().barrier_asleep();

  CHECK(steps.item<std::int64_t>() == (world().is_root() ? 0 : world().size() - 1));
}

TEST_CASE("A group keeps the message limit, and errors are exceptions in it as well") {
  auto original = world().duplicate();
  original.limit_messages_to(3);

  const auto group = original.split(0);

  CHECK(group.message_limit() == 3);
  CHECK(torch::equal(members(group), torch::arange(world().size())));
  CHECK_THROWS_AS(original.split(-1), base::ContractError);
}

TEST_CASE("Groups of one and of one host can be split off") {
  CHECK(comm::Communicator::alone().split(7).size() == 1);
  CHECK(world().split(world().rank()).size() == 1);
  CHECK(world().split_by_host().size() == world().size());  // tests run on one machine
}
