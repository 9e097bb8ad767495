// SPDX-License-Identifier: MIT
#include <tropism/data/shard_set.hpp>

#include <tropism/data/shard_writer.hpp>

#include "support/catch.hpp"
#include "support/shards.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using test::data_at;
using test::numbered_rows;
using test::open_alone;
using test::write_foreign;

TEST_CASE("Rows are the same whatever shards they lie in") {
  const test::TemporaryDirectory directory;
  const auto rows = numbered_rows(11);
  for (const std::int64_t shards : {1, 3, 11, 20}) {
    const auto path = directory / std::to_string(shards);
    data::write_shards(rows, {.directory = path, .shards = shards});

    const auto set = open_alone(data_at(path));
    const auto read = set.read({2, 7});

    CHECK(set.rows() == 11);
    CHECK(set.shard_count() == shards);
    CHECK(read.x.equal(rows.x.narrow(0, 2, 7)));
    CHECK(read.label->equal(rows.label->narrow(0, 2, 7)));
    CHECK(read.context->equal(rows.context->narrow(0, 2, 7)));
    CHECK(read.reward->equal(rows.reward->narrow(0, 2, 7)));
    CHECK(read.first_row == 2);
    CHECK(read.total_rows == 11);
  }
}

TEST_CASE("A range without a row has empty tensors of the right shape") {
  const test::TemporaryDirectory directory;
  data::write_shards(numbered_rows(5), {.directory = directory / "a", .shards = 2});

  const auto read = open_alone(data_at(directory / "a")).read({5, 0});

  CHECK(read.x.sizes() == at::IntArrayRef({0, 2}));
  CHECK(read.context->sizes() == at::IntArrayRef({0, 3}));
  CHECK(read.label->sizes() == at::IntArrayRef({0}));
}

TEST_CASE("Uneven and empty files of a directory are one array in the order of their names") {
  const test::TemporaryDirectory directory;
  const auto x = torch::arange(12, torch::kFloat64).reshape({6, 2});
  write_foreign(directory / "c.h5", {{"x", x.narrow(0, 5, 1)}});
  write_foreign(directory / "a.h5", {{"x", x.narrow(0, 0, 5)}});
  write_foreign(directory / "b.h5", {{"x", x.narrow(0, 5, 0)}});
  test::write_file(directory / "notes.txt", "not data");

  const auto set = open_alone(data_at(directory.path()));

  CHECK(set.rows() == 6);
  CHECK(set.read({0, 6}).x.equal(x.to(torch::kFloat32)));
  CHECK(set.read({4, 2}).x.equal(x.narrow(0, 4, 2).to(torch::kFloat32)));
}

TEST_CASE("Other people's names, types and shapes work as they are") {
  const test::TemporaryDirectory directory;
  const auto images = torch::arange(3 * 2 * 4 * 5, torch::kUInt8).reshape({3, 2, 4, 5});
  const auto digits = torch::tensor({-7, 0, 40000}, torch::kInt64);
  auto config = data_at(
      write_foreign(directory / "a.h5", {{"train/images", images}, {"train/digit", digits}}));
  config.x = "train/images";
  config.label = "train/digit";

  const auto set = open_alone(config);
  const auto read = set.read({0, 3});

  CHECK(set.row_shape() == std::vector<std::int64_t>{2, 4, 5});
  CHECK(read.x.equal(images.reshape({3, 40}).to(torch::kFloat32)));
  CHECK(read.label->equal(digits));
  CHECK_FALSE(read.context.has_value());
  CHECK_FALSE(read.reward.has_value());
}

TEST_CASE("A vector of numbers is a set of rows of one number") {
  const test::TemporaryDirectory directory;
  const auto config = data_at(
      write_foreign(directory / "a.h5", {{"x", torch::arange(4)}, {"context", torch::ones({4})}}));

  const auto read = open_alone(config).read({1, 2});

  CHECK(read.x.sizes() == at::IntArrayRef({2, 1}));
  CHECK(read.context->sizes() == at::IntArrayRef({2, 1}));
  CHECK(read.shape == std::vector<std::int64_t>{1});
}

TEST_CASE("A reward that is NaN is unlabelled, not an error") {
  const test::TemporaryDirectory directory;
  const auto reward = torch::tensor({1.0, std::nan("")});
  const auto config =
      data_at(write_foreign(directory / "a.h5", {{"x", torch::ones({2, 1})}, {"reward", reward}}));

  CHECK(open_alone(config).read({0, 2}).reward->isnan().equal(torch::tensor({false, true})));
}

TEST_CASE("A column with an empty name is left out") {
  const test::TemporaryDirectory directory;
  auto config = data_at(
      write_foreign(directory / "a.h5", {{"x", torch::ones({2, 1})}, {"label", torch::ones({2})}}));

  config.label = "";

  CHECK_FALSE(open_alone(config).has_label());
}

TEST_CASE("The scaling of a shard set comes with its rows") {
  const test::TemporaryDirectory directory;
  const auto raw = torch::tensor({{0.0F, 4.0F}, {16.0F, 8.0F}});
  auto dataset = data::whole_dataset(raw);
  dataset.scaling = data::fit_scaling(data::ScalingKind::unit, raw);
  dataset.x = dataset.scaling.apply(raw);
  data::write_shards(dataset, {.directory = directory / "a", .shards = 2});

  const auto read = open_alone(data_at(directory / "a")).read({0, 2});

  CHECK(read.x.equal(torch::tensor({{-1.0F, -0.5F}, {1.0F, 0.0F}})));
  CHECK(read.scaling.undo(read.x).equal(raw));
}

TEST_CASE(
    "Replicated data are all rows, and without other ranks the share of a sharded set is too") {
  const test::TemporaryDirectory directory;
  data::write_shards(numbered_rows(7), {.directory = directory / "a"});
  auto config = data_at(directory / "a");
  for (const char* placement : {"replicated", "sharded"}) {
    config.placement = placement;

    CHECK(data::load(config, comm::Communicator::alone()).rows() == 7);
  }
}
