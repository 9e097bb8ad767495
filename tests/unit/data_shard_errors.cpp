// SPDX-License-Identifier: MIT
#include <filesystem>
#include <limits>

#include <tropism/base/error.hpp>
#include <tropism/data/shard_writer.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/shards.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using base::IoError;
using test::contains;
using test::data_at;
using test::message_of;
using test::open_alone;
using test::write_foreign;
using Columns = std::vector<std::pair<std::string, torch::Tensor>>;

namespace {

const auto two_rows = torch::ones({2, 3});

std::string opening(const data::DataConfig& config) {
  return message_of<IoError>([&] { return open_alone(config); });
}

/// What opening a file with these columns says.
std::string opening(const Columns& columns) {
  const test::TemporaryDirectory directory;
  return opening(data_at(write_foreign(directory / "a.h5", columns)));
}

/// What opening two files says.
std::string opening(const Columns& first, const Columns& second) {
  const test::TemporaryDirectory directory;
  write_foreign(directory / "a.h5", first);
  write_foreign(directory / "b.h5", second);
  return opening(data_at(directory.path()));
}

/// A shard set of two files in DIR/set.
std::string write_set(const test::TemporaryDirectory& directory) {
  data::write_shards(test::numbered_rows(10), {.directory = directory / "set", .shards = 2});
  return directory / "set";
}

}  // namespace

TEST_CASE("A missing shard is named as missing") {
  const test::TemporaryDirectory directory;
  const auto set = write_set(directory);
  std::filesystem::remove(set + "/data-00001-of-00002.h5");

  CHECK(contains(opening(data_at(set)), "data-00001-of-00002.h5: this shard is missing"));
}

TEST_CASE("A truncated shard is named, with and without a manifest") {
  const test::TemporaryDirectory directory;
  const auto set = write_set(directory);
  const auto shard = set + "/data-00001-of-00002.h5";
  std::filesystem::resize_file(shard, std::filesystem::file_size(shard) - 8);

  const auto with_manifest = opening(data_at(set));
  std::filesystem::remove(set + "/manifest.json");
  const auto without = opening(data_at(set));

  CHECK(contains(with_manifest, shard + ": the shard has"));
  CHECK(contains(with_manifest, "It was cut off or changed"));
  CHECK(contains(without, shard + ": cannot open the HDF5 file"));
  CHECK(contains(without, "truncated"));
}

TEST_CASE("A shard that was altered by one bit is refused") {
  const test::TemporaryDirectory directory;
  const auto set = write_set(directory);
  test::flip_byte(set + "/data-00000-of-00002.h5", -1);

  CHECK(contains(opening(data_at(set)), "data-00000-of-00002.h5: the contents were altered"));
}

TEST_CASE("A place without data is refused with what to do") {
  const test::TemporaryDirectory directory;

  CHECK(contains(opening(data_at(directory.path())), "neither a manifest.json nor a *.h5"));
  CHECK(contains(opening(data_at(directory / "nowhere")), "no such file or directory"));
  CHECK(contains(opening(Columns{{"x", torch::ones({0, 3})}}), "have no row"));
}

TEST_CASE("A missing dataset of samples lists what there is") {
  CHECK(contains(opening(Columns{{"images", two_rows}}), "no dataset `x`; the file holds images"));
  CHECK(contains(opening(Columns{{"x/y", two_rows}}), "`x` is a group"));
}

TEST_CASE("Columns of the wrong rank are refused with their shape") {
  CHECK(contains(opening(Columns{{"x", torch::tensor(1.0)}}), "rows of samples were expected"));
  CHECK(contains(opening(Columns{{"x", torch::ones({2, 0})}}), "at least one element"));
  CHECK(contains(opening({{"x", two_rows}, {"label", torch::ones({2, 1}, torch::kInt32)}}),
                 "`label` is int32 of shape [2, 1]; [N] was expected"));
  CHECK(contains(opening({{"x", two_rows}, {"context", torch::ones({2, 1, 1})}}),
                 "[N] or [N, C] was expected"));
  CHECK(contains(opening({{"x", two_rows}, {"reward", torch::ones({2, 2})}}), "[N] was expected"));
}

TEST_CASE("Labels that are not integers are refused") {
  CHECK(contains(opening({{"x", two_rows}, {"label", torch::ones({2})}}),
                 "`label` is float32 of shape [2]; integers"));
}

TEST_CASE("Samples that are a text are refused") {
  const test::TemporaryDirectory directory;
  auto file = io::Hdf5File::create(directory / "a.h5");
  file.write_text("x", "not numbers");
  file.close();

  CHECK(contains(opening(data_at(directory / "a.h5")),
                 "`x` is text of shape [1]; numbers were expected"));
}

TEST_CASE("A column of another length than the samples is refused") {
  CHECK(contains(opening({{"x", two_rows}, {"label", torch::ones({3}, torch::kInt32)}}),
                 "as many rows as x"));
}

TEST_CASE("A column that only some shards have is refused, naming the shard") {
  const auto label = torch::ones({2}, torch::kInt32);

  CHECK(contains(opening({{"x", two_rows}, {"label", label}}, {{"x", two_rows}}),
                 "b.h5: the dataset `label` is missing"));
  CHECK(contains(opening({{"x", two_rows}}, {{"x", two_rows}, {"label", label}}),
                 "b.h5: the dataset `label` is there"));
}

TEST_CASE("Shards whose rows differ in shape are refused") {
  CHECK(contains(opening(Columns{{"x", two_rows}}, Columns{{"x", torch::ones({2, 4})}}),
                 "b.h5: rows of `x` have the shape [4], and those of the first shard [3]"));
  CHECK(contains(opening({{"x", two_rows}, {"context", torch::ones({2, 1})}},
                         {{"x", two_rows}, {"context", torch::ones({2, 2})}}),
                 "`context` has 2 columns, and 1"));
}

TEST_CASE("A column that the user named must be there") {
  const test::TemporaryDirectory directory;
  auto config = data_at(write_foreign(directory / "a.h5", {{"x", two_rows}}));

  config.label = "digit";

  CHECK(contains(opening(config), "no shard has the dataset `digit` that data.label names"));
}

TEST_CASE("A sample that is not finite is named by file and row") {
  const test::TemporaryDirectory directory;
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), 1e300}) {
    auto x = torch::ones({5, 3}, torch::kFloat64);
    x[3][1] = bad;
    const auto set = open_alone(data_at(write_foreign(directory / "a.h5", {{"x", x}})));

    const auto message = message_of<IoError>([&] { return set.read({2, 3}); });

    CHECK(contains(message, "a.h5: row 3 of `x` holds NaN, infinity or a number beyond float32"));
  }
}

TEST_CASE("Contexts and rewards that are infinite are refused") {
  const test::TemporaryDirectory directory;
  const auto bad = torch::tensor({1.0, std::numeric_limits<double>::infinity()});
  for (const char* column : {"context", "reward"}) {
    const auto set =
        open_alone(data_at(write_foreign(directory / "a.h5", {{"x", two_rows}, {column, bad}})));

    CHECK(contains(message_of<IoError>([&] {
                     return set.read({0, 2});
                   }),
                   "row 1 of `" + std::string(column)));
  }
}

TEST_CASE("A shard of a later format is refused") {
  const test::TemporaryDirectory directory;
  auto file = io::Hdf5File::create(directory / "a.h5");
  file.write("x", two_rows, io::Layout::contiguous);
  file.set_attribute("/", "format", "tropism.shard");
  file.set_attribute("/", "format_version", std::int64_t{2});
  file.close();

  CHECK(contains(opening(data_at(directory / "a.h5")), "format version 2"));
}
