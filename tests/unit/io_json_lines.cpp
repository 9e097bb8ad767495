// SPDX-License-Identifier: MIT
#include <tropism/io/json_lines.hpp>

#include <cmath>
#include <nlohmann/json.hpp>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;

TEST_CASE("Lines can be read while the file is still open") {
  const test::TemporaryDirectory directory;
  io::JsonLines lines(directory / "metrics.jsonl");

  lines.append({{"step", 1}, {"loss", 0.5}});
  lines.append({{"step", 2}, {"loss", std::nan("")}});

  const auto read = io::read_json_lines(directory / "metrics.jsonl");
  REQUIRE(read.size() == 2);
  CHECK(read[0]["loss"] == 0.5);
  CHECK(read[1]["loss"].is_null());
}

TEST_CASE("A file that is opened again goes on where it ended") {
  const test::TemporaryDirectory directory;
  io::JsonLines(directory / "a.jsonl").append({{"step", 1}});

  io::JsonLines(directory / "a.jsonl").append({{"step", 2}});

  CHECK(io::read_json_lines(directory / "a.jsonl").size() == 2);
}

TEST_CASE("After a resume there are no lines beyond the checkpoint and no torn line") {
  const test::TemporaryDirectory directory;
  const auto path = test::write_file(
      directory / "a.jsonl",
      "{\"note\":\"start\"}\n{\"step\":10}\n{\"step\":20}\n{\"step\":30}\n{\"step\":15");

  io::keep_lines_up_to_step(path, 20);

  CHECK(io::read_text_file(path) == "{\"note\":\"start\"}\n{\"step\":10}\n{\"step\":20}\n");
}

TEST_CASE("A file that is not there needs no cutting") {
  CHECK_NOTHROW(io::keep_lines_up_to_step("/nowhere/a.jsonl", 20));
}

TEST_CASE("A line that is not JSON is named") {
  const test::TemporaryDirectory directory;
  const auto path = test::write_file(directory / "a.jsonl", "{}\nloss 3\n");

  CHECK(test::contains(test::message_of<base::IoError>([&] { return io::read_json_lines(path); }),
                       "line 2"));
}

TEST_CASE("A file in a directory that is not there cannot be opened") {
  CHECK_THROWS_AS(io::JsonLines("/nowhere/a.jsonl"), base::IoError);
}
