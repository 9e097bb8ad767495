// SPDX-License-Identifier: MIT
#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/data/shard_writer.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/shards.hpp"
#include "support/shared_directory.hpp"
#include "support/temporary_directory.hpp"
#include "support/world.hpp"

using namespace tropism;
using test::contains;
using test::on_root;
using test::SharedDirectory;
using test::world;

namespace {

data::DataConfig config_of(const SharedDirectory& directory, const std::string& placement) {
  auto config = test::data_at(directory.path() + "/set");
  config.placement = placement;
  return config;
}

void write_set(const SharedDirectory& directory, std::int64_t rows, std::int64_t shards) {
  on_root([&] {
    data::write_shards(test::numbered_rows(rows),
                       {.directory = directory.path() + "/set", .shards = shards});
  });
}

void check_shares(const data::Dataset& share, const data::Dataset& whole) {
  CHECK(share.total_rows == whole.rows());
  CHECK(share.x.equal(whole.x.narrow(0, share.first_row, share.rows())));
  CHECK(comm::all_gather_rows(world(), share.x).equal(whole.x));
  CHECK(comm::all_gather_rows(world(), *share.label).equal(*whole.label));
  CHECK(comm::all_gather_rows(world(), *share.context).equal(*whole.context));
  CHECK(comm::all_gather_rows(world(), *share.reward).equal(*whole.reward));
}

}  // namespace

TEST_CASE("Shares of a sharded set are disjoint, even, and together the whole") {
  for (const std::int64_t shards : {1, 3, 7}) {
    const SharedDirectory directory;
    write_set(directory, 22, shards);

    const auto share = data::load(config_of(directory, "sharded"), world());

    CHECK(share.rows() <= (22 + world().size() - 1) / world().size());
    check_shares(share, test::numbered_rows(22));
  }
}

TEST_CASE("With fewer rows than ranks and empty shards, some ranks have none and nothing is lost") {
  for (const std::int64_t rows : {1, 2, 3}) {
    const SharedDirectory directory;
    write_set(directory, rows, 5);

    check_shares(data::load(config_of(directory, "sharded"), world()), test::numbered_rows(rows));
  }
}

TEST_CASE("Files of uneven length without a manifest are shared out by rows, not by files") {
  const SharedDirectory directory;
  const auto x = torch::arange(13, torch::kFloat32).reshape({13, 1});
  on_root([&] {
    test::write_foreign(directory.path() + "/a.h5", {{"x", x.narrow(0, 0, 11)}});
    test::write_foreign(directory.path() + "/b.h5", {{"x", x.narrow(0, 11, 0)}});
    test::write_foreign(directory.path() + "/c.h5", {{"x", x.narrow(0, 11, 2)}});
  });
  auto config = test::data_at(directory.path());
  config.placement = "sharded";

  const auto share = data::load(config, world());

  CHECK(share.rows() >= 13 / world().size());
  CHECK(share.rows() <= 13 / world().size() + 1);
  CHECK(comm::all_gather_rows(world(), share.x).equal(x));
}

TEST_CASE("Replicated data are the same on all ranks") {
  const SharedDirectory directory;
  write_set(directory, 9, 2);

  const auto all = data::load(config_of(directory, "replicated"), world());

  CHECK(all.x.equal(test::numbered_rows(9).x));
  CHECK(all.first_row == 0);
}

TEST_CASE("A bad row of one rank's share is an error on all ranks") {
  const SharedDirectory directory;
  auto x = torch::ones({8, 2});
  x[7][0] = std::nan("");
  on_root([&] { test::write_foreign(directory.path() + "/set.h5", {{"x", x}}); });
  auto config = test::data_at(directory.path() + "/set.h5");
  config.placement = "sharded";
  const data::ShardSet set(config, world());

  const auto message =
      test::message_of<base::IoError>([&] { return data::load(set, config, world()); });

  CHECK(contains(message, "row 7 of `x`"));
}

TEST_CASE("An altered shard is found by whichever rank has it to check, and refused by all") {
  for (const int shard : {0, 1, 2}) {
    const SharedDirectory directory;
    write_set(directory, 9, 3);
    const auto name = "/set/data-0000" + std::to_string(shard) + "-of-00003.h5";
    on_root([&] { test::flip_byte(directory.path() + name, -1); });

    const auto message = test::message_of<base::IoError>(
        [&] { return data::ShardSet(config_of(directory, "sharded"), world()); });

    CHECK(contains(message, name + ": the contents were altered"));
  }
}
