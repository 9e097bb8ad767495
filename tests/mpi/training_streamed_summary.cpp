// SPDX-License-Identifier: MIT
#include <filesystem>

#include <tropism/base/error.hpp>
#include <tropism/training/data_summary.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/shards.hpp"
#include "support/shared_directory.hpp"
#include "support/tensors.hpp"
#include "support/world.hpp"

namespace {

using namespace tropism;
using test::world;

constexpr std::int64_t num_rows = 1001;

/// Rows of very different size; each label in few places.
data::Dataset whole_set() {
  auto set = data::whole_dataset(test::normal_points(num_rows, 3, 7).exp() * 100.0);
  set.label = torch::arange(num_rows).div(300, "floor") * 10;
  return set;
}

data::RowStream open_stream(const test::SharedDirectory& directory, std::int64_t block_rows) {
  test::on_root([&] {
    const auto set = whole_set();
    test::write_foreign(directory.path() + "/a.h5", {{"x", set.x}, {"label", *set.label}});
  });
  return {std::make_shared<data::ShardSet>(test::data_at(directory.path()), world()),
          comm::split_rows(num_rows, world().size(), world().rank()), block_rows};
}

TEST_CASE("The summary of streamed rows has the bits of the summary in memory on one rank") {
  const test::SharedDirectory directory;
  const auto stream = open_stream(directory, GENERATE(1, 64, 5000));

  const auto summary = training::summarise(world(), stream);

  const auto expected = training::summarise(comm::Communicator::alone(), whole_set(), false);
  CHECK(summary.rows == num_rows);
  CHECK(summary.shape == expected.shape);
  CHECK(summary.moments.mean.equal(expected.moments.mean));
  CHECK(summary.moments.variance == expected.moments.variance);
  CHECK(summary.label_values == std::vector<std::int64_t>{0, 10, 20, 30});
  CHECK(summary.label_counts == std::vector<std::int64_t>{300, 300, 300, 101});
}

TEST_CASE("A file that is gone when it is summarised is the same error on all ranks") {
  const test::SharedDirectory directory;
  const auto stream = open_stream(directory, 64);
  test::on_root([&] { std::filesystem::remove(directory.path() + "/a.h5"); });

  const auto message =
      test::message_of<base::IoError>([&] { return training::summarise(world(), stream); });

  CHECK(test::contains(message, "a.h5: cannot open the HDF5 file"));
}

}  // namespace
