// SPDX-License-Identifier: MIT
#include <tropism/io/hdf5_file.hpp>

#include <limits>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using io::Hdf5File;
using io::Layout;

namespace {

torch::Tensor written_and_read(const torch::Tensor& values, Layout layout) {
  const test::TemporaryDirectory directory;
  auto file = Hdf5File::create(directory / "a.h5");
  file.write("group/values", values, layout);
  file.close();
  return Hdf5File::open(directory / "a.h5").read("/group/values");
}

void check_round_trip(const torch::Tensor& values) {
  for (const auto layout : {Layout::contiguous, Layout::checksummed}) {
    const auto read = written_and_read(values, layout);
    CHECK(read.scalar_type() == values.scalar_type());
    CHECK(read.sizes() == values.sizes());
    CHECK(read.equal(values));
  }
}

}  // namespace

TEST_CASE("Tensors of every stored type come back as they were") {
  for (const auto dtype : {torch::kFloat32, torch::kFloat64, torch::kInt8, torch::kInt16,
                           torch::kInt32, torch::kInt64, torch::kUInt8})
    check_round_trip(torch::arange(24, dtype).reshape({2, 3, 4}));
}

TEST_CASE("Scalars and tensors without an element keep their shape") {
  check_round_trip(torch::tensor(3.5));
  check_round_trip(torch::empty({0}, torch::kFloat32));
  check_round_trip(torch::empty({0, 8, 8}, torch::kFloat32));
  check_round_trip(torch::empty({3, 0}, torch::kInt32));
}

TEST_CASE("NaN and infinity are stored as they are") {
  constexpr double infinity = std::numeric_limits<double>::infinity();

  const auto read =
      written_and_read(torch::tensor({std::nan(""), infinity, -infinity}), Layout::checksummed);

  CHECK(read[0].isnan().item<bool>());
  CHECK(read[1].item<double>() == infinity);
  CHECK(read[2].item<double>() == -infinity);
}

TEST_CASE("A tensor of several chunks comes back as it was") {
  const auto values = torch::arange(700000, torch::kFloat32).reshape({7000, 100});

  CHECK(written_and_read(values, Layout::checksummed).equal(values));
}

TEST_CASE("A transposed tensor is stored in its logical order") {
  const auto values = torch::arange(6, torch::kFloat32).reshape({2, 3}).t();

  CHECK(written_and_read(values, Layout::contiguous).equal(values));
}

TEST_CASE("Booleans are stored as integers of one byte") {
  const auto read = written_and_read(torch::tensor({true, false}), Layout::contiguous);

  CHECK(read.equal(torch::tensor({1, 0}, torch::kUInt8)));
}

TEST_CASE("Rows are read without the others") {
  const test::TemporaryDirectory directory;
  const auto values = torch::arange(60, torch::kFloat32).reshape({10, 2, 3});
  auto file = Hdf5File::create(directory / "a.h5");
  file.write("x", values, Layout::contiguous);

  CHECK(file.read_rows("x", 3, 4).equal(values.narrow(0, 3, 4)));
  CHECK(file.read_rows("x", 10, 0).sizes() == at::IntArrayRef({0, 2, 3}));
}

TEST_CASE("Rows are read into memory of another shape and type") {
  const test::TemporaryDirectory directory;
  const auto stored = GENERATE(torch::kFloat32, torch::kFloat64, torch::kUInt8);
  const auto layout = GENERATE(Layout::contiguous, Layout::checksummed);
  const auto values = torch::arange(60, stored).reshape({10, 2, 3});
  auto file = Hdf5File::create(directory / "a.h5");
  file.write("x", values, layout);
  const auto whole = torch::full({6, 6}, -1.0F);

  auto part = whole.narrow(0, 1, 4);
  file.read_rows_into(part, "x", 3, 4);

  CHECK(part.equal(values.narrow(0, 3, 4).to(torch::kFloat32).reshape({4, 6})));
  CHECK(whole.select(0, 0).eq(-1.0F).all().item<bool>());
  CHECK(whole.select(0, 5).eq(-1.0F).all().item<bool>());
  CHECK_THROWS_AS(file.read_rows_into(part, "x", 3, 5), base::ContractError);
}

TEST_CASE("A dataset can be written block by block") {
  const test::TemporaryDirectory directory;
  const auto values = torch::arange(30, torch::kFloat32).reshape({10, 3});
  auto file = Hdf5File::create(directory / "a.h5");
  file.create_dataset("samples/x", torch::kFloat32, {10, 3});

  file.write_rows("samples/x", 0, values.narrow(0, 0, 4));
  file.write_rows("samples/x", 4, values.narrow(0, 4, 6));

  CHECK(file.read("samples/x").equal(values));
}

TEST_CASE(
    "A contiguous dataset lies on a page and can be memory-mapped; a checksummed one cannot") {
  const test::TemporaryDirectory directory;
  auto file = Hdf5File::create(directory / "a.h5");
  file.write("contiguous", torch::zeros({5000}), Layout::contiguous);
  file.write("checksummed", torch::zeros({5000}), Layout::checksummed);
  file.flush();

  const auto offset = file.mappable_offset("contiguous");

  REQUIRE(offset.has_value());
  CHECK(*offset % 4096 == 0);
  CHECK_FALSE(file.mappable_offset("checksummed").has_value());
}

TEST_CASE("Texts of any length come back as they were") {
  const test::TemporaryDirectory directory;
  const std::string longer_than_an_attribute(200000, 'x');
  auto file = Hdf5File::create(directory / "a.h5");
  file.write_text("empty", "");
  file.write_text("config", "seed = 7  # \xC3\xBC\n");
  file.write_text("long", longer_than_an_attribute);

  CHECK(file.read_text("empty").empty());
  CHECK(file.read_text("config") == "seed = 7  # \xC3\xBC\n");
  CHECK(file.read_text("long") == longer_than_an_attribute);
  CHECK(file.kind("config") == io::Hdf5Kind::text);
}

TEST_CASE("Attributes of the file, of groups and of datasets keep their type") {
  const test::TemporaryDirectory directory;
  auto file = Hdf5File::create(directory / "a.h5");
  file.create_group("policy/layers");
  file.write("x", torch::zeros({2}), Layout::contiguous);

  file.set_attribute("/", "format", "tropism.shard");
  file.set_attribute("policy", "step", std::int64_t{1} << 40);
  file.set_attribute("x", "seconds", 0.1);

  CHECK(file.attribute_text("/", "format") == "tropism.shard");
  CHECK(file.attribute_integer("policy", "step") == std::int64_t{1} << 40);
  CHECK(file.attribute_real("x", "seconds") == 0.1);
  CHECK(file.attribute_kind("x", "seconds") == io::Hdf5Kind::real);
  CHECK_FALSE(file.has_attribute("/", "step"));
  CHECK_FALSE(file.has_attribute("/nowhere", "step"));
  CHECK(file.attributes("/") == std::vector<std::string>{"format"});
}

TEST_CASE("An attribute that is set again has the later value") {
  const test::TemporaryDirectory directory;
  auto file = Hdf5File::create(directory / "a.h5");
  file.set_attribute("/", "step", std::int64_t{1});

  file.set_attribute("/", "step", "two");

  CHECK(file.attribute_text("/", "step") == "two");
}

TEST_CASE("A file lists what it holds, in the order of names") {
  const test::TemporaryDirectory directory;
  auto file = Hdf5File::create(directory / "a.h5");
  file.write("policy/b", torch::zeros({2, 3}), Layout::checksummed);
  file.write("policy/a", torch::zeros({1}, torch::kInt32), Layout::checksummed);

  CHECK(file.list("/") == std::vector<std::string>{"policy"});
  CHECK(file.list("policy") == std::vector<std::string>{"a", "b"});
  CHECK(file.shape("policy/b") == std::vector<std::int64_t>{2, 3});
  CHECK(file.dtype("policy/a") == torch::kInt32);
  CHECK(file.stored_type("policy/a") == "int32");
  CHECK(file.has("/policy/b"));
  CHECK_FALSE(file.has("policy/c"));
  CHECK_FALSE(file.has("value/c/d"));
}

TEST_CASE("A file that was moved from leaves its contents to the other") {
  const test::TemporaryDirectory directory;
  auto first = Hdf5File::create(directory / "a.h5");

  auto second = std::move(first);
  second.write("x", torch::ones({1}), Layout::contiguous);
  second = Hdf5File::create(directory / "b.h5");

  CHECK(Hdf5File::open(directory / "a.h5").has("x"));
}
