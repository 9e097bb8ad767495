// SPDX-License-Identifier: MIT
#include <tropism/data/row_stream.hpp>

#include <filesystem>
#include <stdexcept>

#include <tropism/base/error.hpp>
#include <tropism/data/shard_writer.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/shards.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using data::ReadAhead;
using data::RowStream;

namespace {

constexpr std::int64_t num_rows = 22;

/// Shards of 5, 0, 11 and 6 rows.
class UnevenSet {
 public:
  UnevenSet() {
    const auto all = test::numbered_rows(num_rows);
    std::int64_t first = 0;
    for (const auto& [name, rows] :
         {std::pair{"a.h5", 5}, {"b.h5", 0}, {"c.h5", 11}, {"d.h5", 6}}) {
      const auto part = data::narrow(all, first, rows);
      test::write_foreign(directory_ / name, {{"x", part.x},
                                              {"label", *part.label},
                                              {"context", *part.context},
                                              {"reward", *part.reward}});
      first += rows;
    }
    shards_ = std::make_shared<data::ShardSet>(test::open_alone(test::data_at(directory_.path())));
  }
  [[nodiscard]] const std::shared_ptr<const data::ShardSet>& shards() const { return shards_; }
  [[nodiscard]] std::string path_of(const std::string& name) const { return directory_ / name; }

 private:
  test::TemporaryDirectory directory_;
  std::shared_ptr<const data::ShardSet> shards_;
};

void check_same(const data::Dataset& a, const data::Dataset& b) {
  CHECK(a.x.equal(b.x));
  CHECK(a.label->equal(*b.label));
  CHECK(a.context->equal(*b.context));
  CHECK(a.reward->equal(*b.reward));
  CHECK(a.first_row == b.first_row);
  CHECK(a.total_rows == b.total_rows);
}

std::vector<data::Dataset> blocks_of(const RowStream& stream) {
  std::vector<data::Dataset> blocks;
  stream.each_block([&](data::Dataset&& block) { blocks.push_back(std::move(block)); });
  return blocks;
}

}  // namespace

TEST_CASE("The blocks of a pass are what the shard set reads, with read-ahead and without") {
  const UnevenSet set;
  const auto read_ahead = GENERATE(ReadAhead::none, ReadAhead::one_block);
  const std::int64_t block_rows = GENERATE(1, 3, 7, 18, 100);
  const RowStream stream(set.shards(), {2, 18}, block_rows, read_ahead);

  const auto blocks = blocks_of(stream);

  REQUIRE(static_cast<std::int64_t>(blocks.size()) == (18 + block_rows - 1) / block_rows);
  std::int64_t first = 2;
  for (const auto& block : blocks) {
    check_same(block, set.shards()->read({first, std::min(block_rows, 20 - first)}));
    first += block.rows();
  }
  CHECK(first == 20);
}

TEST_CASE("Every pass hands over the same blocks, also after one that was broken off") {
  const UnevenSet set;
  const RowStream stream(set.shards(), {0, num_rows}, 4);
  const auto once = blocks_of(stream);

  CHECK_THROWS_AS(stream.each_block([](data::Dataset&&) { throw std::runtime_error("enough"); }),
                  std::runtime_error);
  const auto again = blocks_of(stream);

  REQUIRE(again.size() == once.size());
  for (std::size_t i = 0; i < once.size(); ++i) check_same(again[i], once[i]);
}

TEST_CASE("A stream without a row hands over no block") {
  const UnevenSet set;

  CHECK(blocks_of(RowStream(set.shards(), {num_rows, 0}, 4)).empty());
}

TEST_CASE("Single rows are read by their numbers, from all shards") {
  const UnevenSet set;
  const RowStream stream(set.shards(), {2, 20}, 4);
  const auto numbers = torch::tensor({0, 2, 3, 4, 9, 19}, torch::kInt64);

  const auto rows = stream.at(numbers);
  const auto none = stream.at(torch::empty({0}, torch::kInt64));

  const auto all = test::numbered_rows(num_rows);
  CHECK(rows.x.equal(all.x.index_select(0, numbers + 2)));
  CHECK(rows.label->equal(all.label->index_select(0, numbers + 2)));
  CHECK(none.x.sizes() == at::IntArrayRef({0, 2}));
  CHECK(none.label->size(0) == 0);
}

TEST_CASE("A shard that goes away or is cut off meanwhile is an error of the pass, with its name") {
  const UnevenSet set;
  const auto read_ahead = GENERATE(ReadAhead::none, ReadAhead::one_block);
  const bool removed = GENERATE(true, false);
  const RowStream stream(set.shards(), {0, num_rows}, 4, read_ahead);
  const auto path = set.path_of("d.h5");

  std::int64_t blocks = 0;
  const auto message = test::message_of<base::IoError>([&] {
    stream.each_block([&](data::Dataset&&) {
      if (++blocks > 1) return;
      if (removed)
        std::filesystem::remove(path);
      else
        std::filesystem::resize_file(path, std::filesystem::file_size(path) - 8);
    });
    return 0;
  });

  CHECK(test::contains(message, path + ": cannot open the HDF5 file"));
  CHECK(blocks == 4);  // rows 0 to 15; the shard begins at 16
}

TEST_CASE(
    "A value that is not finite is named by file and row also in a block that was read ahead") {
  const test::TemporaryDirectory directory;
  auto x = torch::ones({600000, 2});
  x[599000][1] = std::nan("");
  const auto shards = std::make_shared<data::ShardSet>(
      test::open_alone(test::data_at(test::write_foreign(directory / "a.h5", {{"x", x}}))));
  const RowStream stream(shards, {0, 600000}, 250000);

  const auto message = test::message_of<base::IoError>([&] {
    stream.each_block([](data::Dataset&&) {});
    return 0;
  });

  CHECK(test::contains(message, "a.h5: row 599000 of `x` holds NaN"));
}

TEST_CASE("A block is as large as its megabytes allow, in multiples") {
  CHECK(data::rows_per_block(64.0, 64) == 250000);
  CHECK(data::rows_per_block(64.0, 64, 512) == 250000 / 512 * 512);
  CHECK(data::rows_per_block(0.001, 784) == 1);
  CHECK(data::rows_per_block(0.001, 784, 512) == 512);
}
