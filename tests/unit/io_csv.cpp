// SPDX-License-Identifier: MIT
#include <tropism/io/csv.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using base::IoError;
using test::contains;
using test::message_of;

namespace {

io::Table read(const std::string& contents, const std::vector<std::string>& may_be_missing = {}) {
  const test::TemporaryDirectory directory;
  return io::read_csv(test::write_file(directory / "a.csv", contents), may_be_missing);
}

std::string message(const std::string& contents) {
  return message_of<IoError>([&] { return read(contents); });
}

const auto two_rows = torch::tensor({{1.0, -2.5}, {3e-2, 4.0}}, torch::kFloat64);

}  // namespace

TEST_CASE("A first line of names is a header, a first line of numbers is a row") {
  const auto with_header = read("a,b\n1,-2.5\n3e-2,4\n");
  const auto without = read("1,-2.5\n3e-2,4\n");

  CHECK(with_header.columns == std::vector<std::string>{"a", "b"});
  CHECK(with_header.values.equal(two_rows));
  CHECK(without.columns.empty());
  CHECK(without.values.equal(two_rows));
}

TEST_CASE(
    "Separators, quotes, spaces, line ends and byte-order marks of the usual kinds are read") {
  CHECK(read("1;-2.5\n3e-2;4").values.equal(two_rows));
  CHECK(read("1\t-2.5\r\n3e-2\t4\r\n").values.equal(two_rows));
  CHECK(read("\xEF\xBB\xBF\"a\", \"b,c\"\n 1 , -2.5 \n\n\"3e-2\",+4\n  \n").values.equal(two_rows));
  CHECK(read("\"a\", \"b,c\"\n1,2\n").columns == std::vector<std::string>{"a", "b,c"});
  CHECK(read("5\n6\n").values.equal(torch::tensor({{5.0}, {6.0}}, torch::kFloat64)));
}

TEST_CASE("A file compressed by gzip reads as the plain one") {
  const test::TemporaryDirectory directory;
  const auto path = test::write_file(directory / "a.csv", "a,b\n1,-2.5\n3e-2,4\n");
  REQUIRE(std::system(("gzip " + path).c_str()) == 0);

  CHECK(io::read_csv(path + ".gz").values.equal(two_rows));
}

TEST_CASE("A gzip stream that is cut off is refused") {
  const test::TemporaryDirectory directory;
  std::string rows;
  for (int row = 0; row < 5000; ++row)
    rows += std::to_string(row * 7919 % 1000) + "," + std::to_string(row) + "\n";
  const auto path = test::write_file(directory / "a.csv", rows);
  REQUIRE(std::system(("gzip " + path).c_str()) == 0);
  std::filesystem::resize_file(path + ".gz", std::filesystem::file_size(path + ".gz") / 2);

  CHECK(contains(message_of<IoError>([&] { return io::read_csv(path + ".gz"); }),
                 "damaged or cut off"));
}

TEST_CASE("A ragged row is named by its line, with what was found and what was expected") {
  CHECK(
      contains(message("a,b\n1,2\n\n3\n"), "line 4: the line has 1 fields, the first line has 2"));
  CHECK(contains(message("1,2\n3,4,5\n"), "line 2: the line has 3 fields"));
  CHECK(contains(message("1,2\n3,4,\n"), "line 2: the line has 3 fields"));
}

TEST_CASE("Text among the numbers is named by line and column") {
  const auto text = message("a,b\n1,2\n3,four\n");

  CHECK(contains(text, "a.csv, line 3, column 1 (b): found \"four\""));
  CHECK(contains(message("1,2\n3,4x\n"), "line 2, column 1: found \"4x\""));
  CHECK(contains(message("1,2\n,4\n"), "line 2, column 0: found \"\""));
}

TEST_CASE("NaN, infinity and numbers beyond float64 are refused") {
  CHECK(contains(message("1,2\nnan,4\n"), "line 2, column 0: found \"nan\""));
  CHECK(contains(message("1,2\n3,inf\n"), "NaN and infinity are refused"));
  CHECK(contains(message("1,2\n3,-inf\n"), "line 2, column 1"));
  CHECK(contains(message("1,2\n3,1e999\n"), "line 2, column 1"));
}

TEST_CASE("A missing value is NaN in the columns that may have some, and only there") {
  const auto table = read("x,reward\n1,\n2,nan\n3,4\n", {"reward"});

  CHECK(table.values.select(1, 1).isnan().equal(torch::tensor({true, true, false})));
  CHECK(contains(message_of<IoError>([] { return read("x,reward\n,1\n", {"reward"}); }),
                 "column 0 (x)"));
}

TEST_CASE("A file without rows is refused") {
  CHECK(contains(message(""), "empty"));
  CHECK(contains(message("\n \n"), "empty"));
  CHECK(contains(message("a,b\n"), "no rows"));
  CHECK(
      contains(message_of<IoError>([] { return io::read_csv("/nowhere/a.csv"); }), "no such file"));
}

TEST_CASE("A column is found by its name or its index, and a missing one lists those there are") {
  const auto table = read("a,b\n1,2\n");

  CHECK(io::column_index(table, "b", "a.csv") == 1);
  CHECK(io::column_index(table, "0", "a.csv") == 0);
  CHECK(contains(message_of<IoError>([&] { return io::column_index(table, "label", "a.csv"); }),
                 "a.csv: there is no column \"label\". The file has the columns a, b."));
  CHECK_THROWS_AS(io::column_index(table, "2", "a.csv"), IoError);
}

TEST_CASE("A table that is written reads back to the same numbers") {
  const test::TemporaryDirectory directory;
  const auto values = torch::rand({100, 3}, torch::kFloat64) * 1e-3;

  io::write_csv(directory / "a.csv", {.columns = {"a", "b", "c"}, .values = values});
  io::write_csv(directory / "b.csv", {.columns = {}, .values = values.to(torch::kFloat32)});

  CHECK(io::read_csv(directory / "a.csv").values.equal(values));
  CHECK(io::read_csv(directory / "b.csv")
            .values.to(torch::kFloat32)
            .equal(values.to(torch::kFloat32)));
}
