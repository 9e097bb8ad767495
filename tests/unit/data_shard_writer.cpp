// SPDX-License-Identifier: MIT
#include <tropism/data/shard_writer.hpp>

#include <filesystem>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/shards.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using base::IoError;
using test::contains;
using test::message_of;
using test::numbered_rows;
namespace fs = std::filesystem;

namespace {

std::string writing(const data::ShardWriterConfig& config) {
  return message_of<IoError>([&] {
    data::write_shards(numbered_rows(4), config);
    return 0;
  });
}

std::int64_t files_in(const std::string& path) {
  return std::distance(fs::directory_iterator(path), fs::directory_iterator());
}

}  // namespace

TEST_CASE("A shard holds what the format says") {
  const test::TemporaryDirectory directory;
  data::write_shards(numbered_rows(3000), {.directory = directory / "a", .name = "n", .shards = 2});

  const auto file = io::Hdf5File::open(directory / "a/n-00001-of-00002.h5");

  CHECK(file.attribute_text("/", "format") == "tropism.shard");
  CHECK(file.attribute_integer("/", "format_version") == 1);
  CHECK(file.attribute_text("/", "scaling") == "none");
  CHECK(file.stored_type("x") == "float32");
  CHECK(file.stored_type("label") == "int32");
  CHECK(file.shape("x") == std::vector<std::int64_t>{1500, 2});
  REQUIRE(file.mappable_offset("x").has_value());
  CHECK(*file.mappable_offset("x") % 4096 == 0);
}

TEST_CASE("Labels beyond 32 bits are kept") {
  const test::TemporaryDirectory directory;
  auto dataset = numbered_rows(2);
  dataset.label = torch::tensor({std::int64_t{1} << 40, std::int64_t{-5}});

  data::write_shards(dataset, {.directory = directory / "a"});

  CHECK(test::open_alone(test::data_at(directory / "a")).read({0, 2}).label->equal(*dataset.label));
}

TEST_CASE("Rows keep their shape in the file") {
  const test::TemporaryDirectory directory;
  data::write_shards(data::whole_dataset(torch::ones({3, 8, 8})), {.directory = directory / "a"});

  CHECK(io::Hdf5File::open(directory / "a/data-00000-of-00001.h5").shape("x") ==
        std::vector<std::int64_t>{3, 8, 8});
}

TEST_CASE("A shard set is replaced only when asked, and then as a whole") {
  const test::TemporaryDirectory directory;
  data::write_shards(numbered_rows(9), {.directory = directory / "a", .name = "old", .shards = 3});

  CHECK(contains(writing({.directory = directory / "a"}), "holds a shard set already"));
  CHECK(files_in(directory / "a") == 4);
  data::write_shards(numbered_rows(2),
                     {.directory = directory / "a", .overwrite = data::Overwrite::shard_sets});
  CHECK(files_in(directory / "a") == 2);
  CHECK(test::open_alone(test::data_at(directory / "a")).rows() == 2);
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("A directory with other files is never replaced") {
  const test::TemporaryDirectory directory;
  data::write_shards(numbered_rows(2), {.directory = directory / "a"});
  test::write_file(directory / "a/thesis.tex", "precious");

  const auto message =
      writing({.directory = directory / "a", .overwrite = data::Overwrite::shard_sets});

  CHECK(contains(message, "holds \"thesis.tex\""));
  CHECK(fs::exists(directory / "a/thesis.tex"));
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("An empty directory and one below others that are missing are filled") {
  const test::TemporaryDirectory directory;
  fs::create_directory(directory / "empty");

  CHECK(writing({.directory = directory / "empty"}) == "nothing was thrown");
  CHECK(writing({.directory = directory / "one/two/"}) == "nothing was thrown");
  CHECK(files_in(directory / "one/two") == 2);
}

TEST_CASE("A directory that cannot be made is named") {
  const test::TemporaryDirectory directory;
  const auto file = test::write_file(directory / "file", "");

  CHECK(contains(writing({.directory = file}), "this is a file"));
  CHECK(contains(writing({.directory = file + "/a"}), "cannot be created"));
}

TEST_CASE("Names and numbers of shards that cannot be are refused") {
  const test::TemporaryDirectory directory;
  const auto write = [&](const std::string& name, std::int64_t shards) {
    data::write_shards(numbered_rows(2),
                       {.directory = directory / "a", .name = name, .shards = shards});
  };

  CHECK_THROWS_AS(write("a/b", 1), base::ConfigError);
  CHECK_THROWS_AS(write("", 1), base::ConfigError);
  CHECK_THROWS_AS(write("a", 0), base::ConfigError);
  CHECK_THROWS_AS(write("a", 100000), base::ConfigError);
}
