// SPDX-License-Identifier: MIT
// What must not be trained on: files that were altered, torn, or are something else.
#include <tropism/training/checkpoint.hpp>

#include <iterator>
#include <optional>

#include <tropism/base/error.hpp>
#include <tropism/io/hdf5_file.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/small_checkpoint.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace tropism;
using test::contains;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string bytes_of(const torch::Tensor& values) {
  return {static_cast<const char*>(values.data_ptr()), values.nbytes()};
}

std::string refusal(const std::string& path) {
  return test::message_of<base::IoError>([&] { return training::load_checkpoint(path); });
}

/// Nothing if the file is refused.
std::optional<training::Checkpoint> loaded(const std::string& path) {
  try {
    return training::load_checkpoint(path);
  } catch (const base::IoError&) {
    return std::nullopt;
  }
}

/// Where the numbers of a tensor lie in a file.
std::streamoff place_of(const torch::Tensor& values, const std::string& path) {
  const auto place = bytes_of(path).find(bytes_of(values));
  REQUIRE(place != std::string::npos);
  return static_cast<std::streamoff>(place);
}

TEST_CASE("One altered bit of a weight, a moment or an average is refused by the tensor's name") {
  const test::TemporaryDirectory directory;
  const auto path = directory / "a.h5";
  const auto checkpoint = test::small_checkpoint();
  training::save_checkpoint(path, checkpoint);
  const auto [tensor, name] = GENERATE_COPY(table<torch::Tensor, std::string>(
      {{checkpoint.parameters[1].second, "policy/layer0.weight"},
       {checkpoint.parameters[2].second, "value/layer0.weight"},
       {checkpoint.policy_average[0].second, "policy_average/layer0.bias"},
       {checkpoint.second_moment[1].second, "optimizer/second_moment/policy/layer0.weight"},
       {checkpoint.data.moments.mean, "data/mean"}}));

  test::flip_byte(path, place_of(tensor, path) + 5);

  CHECK(contains(refusal(path), path));
  CHECK(contains(refusal(path), name));
}

TEST_CASE("An altered byte anywhere in the file is refused, or it stands for nothing") {
  const test::TemporaryDirectory directory;
  const auto checkpoint = test::small_checkpoint();
  training::save_checkpoint(directory / "a.h5", checkpoint);
  const auto bytes = bytes_of(directory / "a.h5");
  constexpr std::size_t stride = 13;  // a prime: all places within a structure are met

  std::size_t refused = 0, tried = 0;
  for (std::size_t place = 0; place < bytes.size(); place += stride, ++tried) {
    INFO("byte " << place << " of " << bytes.size());
    auto altered = bytes;
    altered[place] = static_cast<char>(altered[place] ^ 1);
    test::write_file(directory / "b.h5", altered);
    const auto read = loaded(directory / "b.h5");
    CHECK((!read || test::same_checkpoints(*read, checkpoint)));
    if (!read) ++refused;
  }

  CHECK(refused > tried / 2);
}

TEST_CASE("A truncated checkpoint is refused, wherever it ends") {
  const test::TemporaryDirectory directory;
  training::save_checkpoint(directory / "a.h5", test::small_checkpoint());
  const auto bytes = bytes_of(directory / "a.h5");
  const double share = GENERATE(0.0, 0.01, 0.3, 0.6, 0.9, 0.999);

  const auto length = static_cast<std::size_t>(share * static_cast<double>(bytes.size()));
  test::write_file(directory / "b.h5", bytes.substr(0, length));

  CHECK(contains(refusal(directory / "b.h5"), directory / "b.h5"));
}

TEST_CASE("A file that is not there is refused by its path") {
  const test::TemporaryDirectory directory;

  CHECK(contains(refusal(directory / "none.h5"), directory / "none.h5"));
}

TEST_CASE("An HDF5 file of another format is refused, and the message names the one expected") {
  const test::TemporaryDirectory directory;
  const std::string format = GENERATE("", "tropism.samples");
  auto file = io::Hdf5File::create(directory / "a.h5");
  if (!format.empty()) file.set_attribute("/", "format", format);
  file.close();

  const auto message = refusal(directory / "a.h5");

  CHECK(contains(message, "not a checkpoint of Tropism"));
  CHECK(contains(message, "tropism.checkpoint"));
}

TEST_CASE("A checkpoint of a later format version is refused, and both versions are named") {
  const test::TemporaryDirectory directory;
  auto file = io::Hdf5File::create(directory / "a.h5");
  file.set_attribute("/", "format", "tropism.checkpoint");
  file.set_attribute("/", "format_version", std::int64_t{2});
  file.close();

  const auto message = refusal(directory / "a.h5");

  CHECK(contains(message, "format version 2"));
  CHECK(contains(message, "reads version 1"));
}

}  // namespace
