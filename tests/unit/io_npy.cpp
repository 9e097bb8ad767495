// SPDX-License-Identifier: MIT
#include <tropism/io/npy.hpp>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using base::IoError;
using test::contains;
using test::message_of;

namespace {

/// An .npy file with this dictionary and data.
torch::Tensor read(const std::string& dictionary, const std::string& data, char version = 1) {
  const test::TemporaryDirectory directory;
  std::string contents("\x93NUMPY", 6);
  contents += {version, 0, static_cast<char>(dictionary.size()), 0};
  if (version > 1) contents += std::string(2, '\0');
  return io::read_npy(test::write_file(directory / "a.npy", contents + dictionary + data));
}

std::string message(const std::string& dictionary, const std::string& data) {
  return message_of<IoError>([&] { return read(dictionary, data); });
}

std::string dictionary(const std::string& type, const std::string& shape,
                       const std::string& fortran = "False") {
  return "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

}  // namespace

TEST_CASE("Arrays of every written type and shape come back as they were") {
  const test::TemporaryDirectory directory;
  for (const auto dtype : {torch::kFloat32, torch::kFloat64, torch::kInt8, torch::kInt16,
                           torch::kInt32, torch::kInt64, torch::kUInt8}) {
    const auto values = torch::arange(24, dtype).reshape({2, 3, 4});

    io::write_npy(directory / "a.npy", values);

    CHECK(io::read_npy(directory / "a.npy").scalar_type() == dtype);
    CHECK(io::read_npy(directory / "a.npy").equal(values));
  }
}

TEST_CASE("Vectors, scalars and empty arrays keep their shape") {
  const test::TemporaryDirectory directory;
  for (const auto& values : {torch::arange(5), torch::tensor(2.5), torch::empty({0, 4})}) {
    io::write_npy(directory / "a.npy", values);

    CHECK(io::read_npy(directory / "a.npy").sizes() == values.sizes());
  }
}

TEST_CASE("The data start at a multiple of 64 bytes") {
  const test::TemporaryDirectory directory;
  for (std::int64_t rows = 1; rows < 2000000; rows *= 7) {
    io::write_npy(directory / "a.npy", torch::zeros({rows}, torch::kUInt8));

    CHECK((io::read_text_file(directory / "a.npy").size() - static_cast<std::size_t>(rows)) % 64 ==
          0);
  }
}

TEST_CASE("Formats 2 and 3 are read") {
  CHECK(read(dictionary("|u1", "(2,)"), "\x05\x06", 2).equal(torch::tensor({5, 6}, torch::kUInt8)));
  CHECK(read(dictionary("|u1", "(2,)"), "\x05\x06", 3).equal(torch::tensor({5, 6}, torch::kUInt8)));
}

TEST_CASE("Unsigned integers become the next type that holds them") {
  const auto small = read(dictionary("<u2", "(1,)"), "\xFF\xFF");
  const auto large = read(dictionary("<u4", "(1,)"), "\xFF\xFF\xFF\xFF");

  CHECK(small.equal(torch::tensor({65535}, torch::kInt32)));
  CHECK(large.equal(torch::tensor({4294967295}, torch::kInt64)));
  CHECK(contains(message(dictionary("<u8", "(1,)"), std::string(8, '\xFF')), "2^63"));
}

TEST_CASE("What cannot be read is refused with the reason") {
  CHECK(
      contains(message(dictionary("<f4", "(2, 2)", "True"), std::string(16, 0)), "Fortran order"));
  CHECK(contains(message(dictionary(">f4", "(1,)"), std::string(4, 0)), "little-endian"));
  CHECK(contains(message(dictionary("|O", "(1,)"), std::string(8, 0)), "not read"));
  CHECK(contains(message(dictionary("<c8", "(1,)"), std::string(8, 0)), "not read"));
  CHECK(contains(message("{'descr': '<f4'}\n", ""), "'fortran_order'"));
  CHECK(contains(message(dictionary("<f4", "(x,)"), ""), "shape"));
}

TEST_CASE("A file that is cut off or too long is refused") {
  CHECK(contains(message(dictionary("<f4", "(2,)"), std::string(7, 0)),
                 "promises 8 bytes of data, and there are 7"));
  CHECK(contains(message(dictionary("<f4", "(2,)"), std::string(9, 0)), "there are 9"));
  CHECK(contains(message(dictionary("<f8", "(4294967296, 4294967296)"), ""), "too many"));
}

TEST_CASE("A file of another kind is refused") {
  const test::TemporaryDirectory directory;
  const auto path = test::write_file(directory / "a.npy", "1,2,3,4,5,6\n");

  CHECK(contains(message_of<IoError>([&] { return io::read_npy(path); }), "not an .npy file"));
  CHECK(contains(message_of<IoError>([] { return io::read_npy("/nowhere.npy"); }), "no such file"));
}
