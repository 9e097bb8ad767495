// SPDX-License-Identifier: MIT
#include <tropism/training/checkpoint.hpp>

#include <algorithm>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/small_checkpoint.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace tropism;
using test::contains;
using training::Checkpoint;

TEST_CASE("A checkpoint comes back from its file bit for bit") {
  const test::TemporaryDirectory directory;
  const auto checkpoint = test::small_checkpoint();

  training::save_checkpoint(directory / "a.h5", checkpoint);

  CHECK(test::same_checkpoints(training::load_checkpoint(directory / "a.h5"), checkpoint));
}

TEST_CASE("A checkpoint of a model without a value network comes back without one") {
  const test::TemporaryDirectory directory;
  auto checkpoint = test::small_checkpoint();
  for (auto* tensors :
       {&checkpoint.parameters, &checkpoint.first_moment, &checkpoint.second_moment})
    tensors->pop_back();

  training::save_checkpoint(directory / "a.h5", checkpoint);

  CHECK(test::same_checkpoints(training::load_checkpoint(directory / "a.h5"), checkpoint));
}

TEST_CASE("Tensors are copied by name, whatever their order") {
  auto from = test::small_networks(1);
  std::reverse(from.begin(), from.end());
  const auto to = test::small_networks(50);

  training::copy_by_name(from, to, "The file");

  CHECK(test::same_tensors(to, test::small_networks(1)));
}

TEST_CASE("A tensor of another shape is refused, and the message names both shapes") {
  const Checkpoint::Named from = {{"policy.layer0.weight", torch::zeros({2, 3})}};
  const Checkpoint::Named to = {{"policy.layer0.weight", torch::zeros({4, 3})}};

  const auto message = test::message_of<base::IoError>([&] {
    training::copy_by_name(from, to, "The file");
    return 0;
  });

  CHECK(contains(message, "The file holds policy.layer0.weight of shape [2, 3]"));
  CHECK(contains(message, "asks for [4, 3]"));
}

TEST_CASE("A tensor that is missing is refused by its name") {
  const auto message = test::message_of<base::IoError>([&] {
    training::copy_by_name({}, test::small_networks(1), "The file");
    return 0;
  });

  CHECK(contains(message, "The file has no policy.layer0.bias"));
}

TEST_CASE("The newest checkpoint of a run is the one of the latest step") {
  const test::TemporaryDirectory directory;
  const auto run = io::RunDirectory::create(directory.path());
  for (const std::int64_t step : {20, 100, 3})
    training::save_checkpoint(run.checkpoint_path(step), test::small_checkpoint(step));
  Checkpoint checkpoint;
  std::vector<std::string> refused;

  const bool found = training::load_newest(run, checkpoint, refused);

  CHECK(found);
  CHECK(test::same_checkpoints(checkpoint, test::small_checkpoint(100)));
  CHECK(refused.empty());
}

TEST_CASE("Damaged checkpoints are passed over for an older one, and named") {
  const test::TemporaryDirectory directory;
  const auto run = io::RunDirectory::create(directory.path());
  training::save_checkpoint(run.checkpoint_path(3), test::small_checkpoint(3));
  training::save_checkpoint(run.checkpoint_path(20), test::small_checkpoint(20));
  std::filesystem::resize_file(run.checkpoint_path(20), 1000);
  test::write_file(run.checkpoint_path(100), "torn");
  Checkpoint checkpoint;
  std::vector<std::string> refused;

  const bool found = training::load_newest(run, checkpoint, refused);

  CHECK(found);
  CHECK(test::same_checkpoints(checkpoint, test::small_checkpoint(3)));
  REQUIRE(refused.size() == 2);
  CHECK(contains(refused[0], run.checkpoint_path(100)));
  CHECK(contains(refused[1], run.checkpoint_path(20)));
}

TEST_CASE("A run of damaged checkpoints only is refused; one without checkpoints is none") {
  const test::TemporaryDirectory directory;
  const auto run = io::RunDirectory::create(directory.path());
  Checkpoint checkpoint;
  std::vector<std::string> refused;

  const bool found = training::load_newest(run, checkpoint, refused);
  test::write_file(run.checkpoint_path(7), "torn");
  const auto message = test::message_of<base::IoError>(
      [&] { return training::load_newest(run, checkpoint, refused); });

  CHECK_FALSE(found);
  CHECK(contains(message, "None of the 1 checkpoints of " + run.path()));
  CHECK(contains(message, run.checkpoint_path(7)));
}

}  // namespace
