// SPDX-License-Identifier: MIT
#include <tropism/io/atomic_file.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include <tropism/base/error.hpp>
#include <tropism/io/hdf5_file.hpp>

#include "support/catch.hpp"
#include "support/message_of.hpp"
#include "support/temporary_directory.hpp"

using namespace tropism;
using base::IoError;
using io::Hdf5File;
using test::contains;
using test::message_of;

namespace {

std::size_t files_in(const test::TemporaryDirectory& directory) {
  const std::filesystem::directory_iterator files(directory.path());
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

void write_generation(const std::string& path, float generation) {
  io::write_atomically(path, [&](const std::string& temporary_path) {
    auto file = Hdf5File::create(temporary_path);
    for (int part = 0; part < 8; ++part)
      file.write("part" + std::to_string(part), torch::full({4096}, generation),
                 io::Layout::checksummed);
    file.close();
  });
}

/// Whether the file is whole and all its parts are of one generation.
bool is_whole(const std::string& path) {
  const auto file = Hdf5File::open(path);
  const auto generation = file.read("part0")[0];
  for (int part = 0; part < 8; ++part)
    if (!file.read("part" + std::to_string(part)).eq(generation).all().item<bool>()) return false;
  return true;
}

/// Runs `action` in a child process, which either kills itself or is killed after a while.
template <class Action>
int status_of_child(useconds_t kill_after_microseconds, Action action) {
  const pid_t child = fork();
  if (child == 0) {
    action();
    _exit(0);
  }
  if (kill_after_microseconds > 0) {
    usleep(kill_after_microseconds);
    kill(child, SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("A file is replaced, and no temporary file is left") {
  const test::TemporaryDirectory directory;
  io::write_text_atomically(directory / "a.txt", "old");

  io::write_text_atomically(directory / "a.txt", "new");

  CHECK(io::read_text_file(directory / "a.txt") == "new");
  CHECK(files_in(directory) == 1);
}

TEST_CASE("An error while writing leaves the old file and nothing else") {
  const test::TemporaryDirectory directory;
  io::write_text_atomically(directory / "a.txt", "old");

  const auto fail = [](const std::string& temporary_path) {
    test::write_file(temporary_path, "half");
    throw IoError("The disk is full.");
  };

  CHECK_THROWS_AS(io::write_atomically(directory / "a.txt", fail), IoError);
  CHECK(io::read_text_file(directory / "a.txt") == "old");
  CHECK(files_in(directory) == 1);
}

TEST_CASE("A process that is killed in the middle of writing leaves the old file intact") {
  const test::TemporaryDirectory directory;
  io::write_text_atomically(directory / "a.txt", "old");

  const int status = status_of_child(0, [&] {
    io::write_atomically(directory / "a.txt", [](const std::string& temporary_path) {
      test::write_file(temporary_path, "half");
      raise(SIGKILL);
    });
  });

  CHECK(WIFSIGNALED(status));
  CHECK(io::read_text_file(directory / "a.txt") == "old");
}

TEST_CASE("A process that is killed at any moment leaves a whole HDF5 file") {
  const test::TemporaryDirectory directory;
  const auto path = directory / "latest.h5";
  write_generation(path, 0);

  for (unsigned trial = 0; trial < 20; ++trial) {
    const int status = status_of_child(10000 + 3331 * trial, [&] {
      for (float generation = 1;; ++generation) write_generation(path, generation);
    });

    CHECK(WIFSIGNALED(status));
    CHECK(is_whole(path));
  }
}

TEST_CASE("A directory that is missing or is a file is named") {
  const test::TemporaryDirectory directory;
  const auto regular_file = test::write_file(directory / "file", "");
  const auto write = [](const std::string& path) {
    return message_of<IoError>([&] {
      io::write_text_atomically(path, "text");
      return 0;
    });
  };

  CHECK(contains(write(directory / "missing/a.txt"), "missing is not a directory"));
  CHECK(contains(write(regular_file + "/a.txt"), "file is not a directory"));
}
