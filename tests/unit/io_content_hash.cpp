// SPDX-License-Identifier: MIT
#include <tropism/io/content_hash.hpp>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;

TEST_CASE("The hash is the CRC-32 of zlib") {
  const test::TemporaryDirectory directory;

  CHECK(io::content_hash(test::write_file(directory / "a", "123456789")) == "crc32:cbf43926");
  CHECK(io::content_hash(test::write_file(directory / "b", "")) == "crc32:00000000");
}

TEST_CASE("A change behind the first block changes the hash") {
  const test::TemporaryDirectory directory;
  const auto path = test::write_file(directory / "a", std::string(3000000, 'x'));
  const auto before = io::content_hash(path);

  test::flip_byte(path, -1);

  CHECK(io::content_hash(path) != before);
}

TEST_CASE("A file that is not there has no hash") {
  CHECK_THROWS_AS(io::content_hash("/nowhere/a"), base::IoError);
}
