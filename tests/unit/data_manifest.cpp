// SPDX-License-Identifier: MIT
#include <tropism/data/manifest.hpp>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using test::contains;

namespace {

std::string reading(const std::string& contents) {
  const test::TemporaryDirectory directory;
  test::write_file(directory / "manifest.json", contents);
  return test::message_of<base::IoError>([&] { return data::read_manifest(directory.path()); });
}

std::string with_shard(const std::string& shard) {
  return R"({"format": "tropism.manifest", "format_version": 1, "shards": [)" + shard + "]}";
}

}  // namespace

TEST_CASE("A manifest that is written reads back the same") {
  const test::TemporaryDirectory directory;
  data::write_manifest(directory.path(), {.shards = {{"a.h5", 3, 4096, "crc32:01234567"},
                                                     {"b.h5", 0, 10, "crc32:0"}}});

  const auto shards = data::read_manifest(directory.path()).shards;

  REQUIRE(shards.size() == 2);
  CHECK(shards[0].file == "a.h5");
  CHECK(shards[0].rows == 3);
  CHECK(shards[1].bytes == 10);
  CHECK(shards[0].hash == "crc32:01234567");
}

TEST_CASE("A manifest that cannot be understood is refused with the key") {
  CHECK(contains(reading("{"), "not a JSON object"));
  CHECK(contains(reading("[]"), "not a JSON object"));
  CHECK(contains(reading("{}"), "\"format\" is missing"));
  CHECK(contains(reading(R"({"format": "tropism.manifest", "format_version": 2})"), "version 2"));
  CHECK(contains(reading(with_shard("{}")), "\"file\" is missing"));
  CHECK(contains(reading(with_shard(R"({"file": "a.h5", "rows": "3"})")),
                 "\"rows\" is missing or of the wrong type"));
}

TEST_CASE("A manifest cannot name files outside of its directory") {
  const std::string rest = R"(", "rows": 1, "bytes": 1, "hash": "crc32:0"})";

  CHECK(contains(reading(with_shard(R"({"file": "../a.h5)" + rest)), "not a file name"));
  CHECK(contains(reading(with_shard(R"({"file": "/etc/a.h5)" + rest)), "not a file name"));
}
