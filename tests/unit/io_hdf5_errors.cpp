// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

#include <tropism/base/error.hpp>
#include <tropism/io/hdf5_file.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using base::IoError;
using io::Hdf5File;
using io::Layout;
using test::contains;
using test::message_of;

namespace {

/// A file with `x` [1000, 4] float32, `name` a text, and `inner` a group.
std::string make_file(const test::TemporaryDirectory& directory,
                      Layout layout = Layout::contiguous) {
  const std::string path = directory / "a.h5";
  auto file = Hdf5File::create(path);
  file.write("x", torch::full({1000, 4}, 7.0F), layout);
  file.write_text("name", "digits");
  file.create_group("inner");
  file.set_attribute("/", "step", "twelve");
  file.close();
  return path;
}

}  // namespace

TEST_CASE("A file that is not there, is empty, or is no HDF5 is refused by name") {
  const test::TemporaryDirectory directory;
  const auto missing = directory / "missing.h5";
  const auto empty = test::write_file(directory / "empty.h5", "");
  const auto text = test::write_file(directory / "text.h5", "1,2,3\n");

  CHECK(contains(message_of<IoError>([&] { return Hdf5File::open(missing); }),
                 missing + ": cannot open"));
  CHECK(contains(message_of<IoError>([&] { return Hdf5File::open(missing); }), "no such file"));
  CHECK(contains(message_of<IoError>([&] { return Hdf5File::open(empty); }), "empty"));
  CHECK(contains(message_of<IoError>([&] { return Hdf5File::open(text); }), "HDF5 says"));
}

TEST_CASE("A truncated file is refused") {
  const test::TemporaryDirectory directory;
  const auto path = make_file(directory);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 100);

  const auto message = message_of<IoError>([&] { return Hdf5File::open(path); });

  CHECK(contains(message, path));
  CHECK(contains(message, "truncated file"));
}

TEST_CASE("A flipped bit in a checksummed dataset is found on reading") {
  const test::TemporaryDirectory directory;
  const auto path = make_file(directory, Layout::checksummed);
  REQUIRE(Hdf5File::open(path).read("x").eq(7).all().item<bool>());
  const std::string seven("\0\0\xE0\x40\0\0\xE0\x40\0\0\xE0\x40", 12);  // float32 7, three times
  std::ifstream stream(path, std::ios::binary);
  const std::string contents((std::istreambuf_iterator<char>(stream)), {});
  REQUIRE(contents.find(seven) != std::string::npos);

  test::flip_byte(path, static_cast<std::streamoff>(contents.find(seven)) + 400);

  const auto message = message_of<IoError>([&] { return Hdf5File::open(path).read("x"); });
  CHECK(contains(message, "`x`"));
  CHECK(contains(message, "Fletcher32"));
}

TEST_CASE("An object that is missing or of another kind is named") {
  const test::TemporaryDirectory directory;
  const auto file = Hdf5File::open(make_file(directory));

  CHECK(contains(message_of<IoError>([&] { return file.read("y"); }), "read the dataset `y`"));
  CHECK(contains(message_of<IoError>([&] { return file.read("name"); }),
                 "It holds text; numbers were expected"));
  CHECK(contains(message_of<IoError>([&] { return file.read("inner"); }), "`inner`"));
  CHECK(contains(message_of<IoError>([&] { return file.read_text("x"); }),
                 "It holds float32, not text"));
  CHECK(contains(message_of<IoError>([&] { return file.attribute_integer("/", "step"); }),
                 "It is not an integer"));
  CHECK(contains(message_of<IoError>([&] { return file.attribute_real("/", "rate"); }),
                 "attribute `rate` of `/`"));
}

TEST_CASE("Rows beyond the end are refused") {
  const test::TemporaryDirectory directory;
  const auto file = Hdf5File::open(make_file(directory));

  const auto message = message_of<IoError>([&] { return file.read_rows("x", 990, 11); });

  CHECK(contains(message, "Rows 990 to 1000"));
  CHECK(contains(message, "it has 1000"));
}

TEST_CASE("A file that another process has locked is refused, and the message says how to go on") {
  const test::TemporaryDirectory directory;
  const auto path = make_file(directory);
  const int other = open(path.c_str(), O_RDWR);
  REQUIRE(flock(other, LOCK_EX) == 0);

  const auto message = message_of<IoError>([&] { return Hdf5File::open(path); });
  close(other);

  CHECK(contains(message, path));
  CHECK(contains(message, "HDF5_USE_FILE_LOCKING"));
  CHECK_NOTHROW(Hdf5File::open(path));
}

TEST_CASE("A place that cannot be written to is an error, not a crash") {
  const test::TemporaryDirectory directory;
  const auto regular_file = test::write_file(directory / "file", "");

  CHECK(contains(message_of<IoError>([&] { return Hdf5File::create(regular_file + "/a.h5"); }),
                 "cannot create"));
}

TEST_CASE("Half-precision tensors are refused, not converted") {
  const test::TemporaryDirectory directory;
  auto file = Hdf5File::create(directory / "a.h5");

  CHECK_THROWS_AS(file.write("x", torch::ones({2}, torch::kFloat16), Layout::contiguous),
                  base::ContractError);
}
