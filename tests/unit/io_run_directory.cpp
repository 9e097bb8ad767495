// SPDX-License-Identifier: MIT
#include <tropism/io/run_directory.hpp>

#include <filesystem>

#include <tropism/base/error.hpp>
#include <tropism/io/atomic_file.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using io::RunDirectory;

namespace {

RunDirectory make_run(const test::TemporaryDirectory& directory) {
  auto run = RunDirectory::create(directory / "runs/a");
  for (const std::int64_t step : {100, 12000, 9000})
    test::write_file(run.checkpoint_path(step), std::to_string(step));
  test::write_file(run.path() + "/checkpoints/step-12.h5", "not ours");
  test::write_file(run.path() + "/checkpoints/step-00000300.h5.77.tmp", "left by a kill");
  return run;
}

}  // namespace

TEST_CASE("The files of a run have their documented names") {
  const test::TemporaryDirectory directory;
  const auto run = RunDirectory::create(directory / "run");

  CHECK(run.config_path() == directory / "run/config.toml");
  CHECK(run.metrics_path() == directory / "run/metrics.jsonl");
  CHECK(run.checkpoint_path(12000) == directory / "run/checkpoints/step-00012000.h5");
  CHECK(run.latest_path() == directory / "run/checkpoints/latest.h5");
}

TEST_CASE("Checkpoints are listed newest first, and other files are not checkpoints") {
  const test::TemporaryDirectory directory;
  const auto run = make_run(directory);

  CHECK(run.checkpoint_steps() == std::vector<std::int64_t>{12000, 9000, 100});
  CHECK(run.checkpoints().front() == run.checkpoint_path(12000));
}

TEST_CASE("The latest link follows") {
  const test::TemporaryDirectory directory;
  const auto run = make_run(directory);

  run.link_latest(100);
  run.link_latest(12000);

  CHECK(io::read_text_file(run.latest_path()) == "12000");
  CHECK(std::filesystem::read_symlink(run.latest_path()) == "step-00012000.h5");
}

TEST_CASE("Pruning keeps the newest and removes what a kill left") {
  const test::TemporaryDirectory directory;
  const auto run = make_run(directory);

  run.prune(2);

  CHECK(run.checkpoint_steps() == std::vector<std::int64_t>{12000, 9000});
  CHECK_FALSE(std::filesystem::exists(run.path() + "/checkpoints/step-00000300.h5.77.tmp"));
}

TEST_CASE("A run directory that is there is opened with all it holds") {
  const test::TemporaryDirectory directory;
  make_run(directory);

  CHECK(RunDirectory::create(directory / "runs/a").checkpoint_steps().size() == 3);
  CHECK(RunDirectory::open(directory / "runs/a").checkpoint_steps().size() == 3);
}

TEST_CASE("A run directory that cannot be made or opened is named") {
  const test::TemporaryDirectory directory;
  const auto file = test::write_file(directory / "file", "");

  CHECK(test::contains(
      test::message_of<base::IoError>([&] { return RunDirectory::create(file + "/run"); }),
      "cannot be created"));
  CHECK_THROWS_AS(RunDirectory::open(directory / "nowhere"), base::IoError);
}
