// SPDX-License-Identifier: MIT
#include <sys/statvfs.h>
#include <torch/types.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "doctor_checks.hpp"
#include "environment.hpp"

#include <tropism/base/error.hpp>
#include <tropism/base/memory.hpp>
#include <tropism/io/hdf5_file.hpp>

namespace tropism::app {
namespace {

constexpr double gib = 1024.0 * 1024.0 * 1024.0;

std::string in_gib(double bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GiB", bytes / gib);
  return text;
}

std::string here() {
  std::error_code ignored;
  return std::filesystem::current_path(ignored).string();
}

void write_and_read_back(const std::string& path) {
  auto file = io::Hdf5File::create(path);
  file.write("x", torch::zeros({2, 2}), io::Layout::checksummed);
  file.close();
  (void)io::Hdf5File::open(path).read("x");
}

Finding check_hdf5_files() {
  const std::string path = "tropism-doctor-" + std::to_string(getpid()) + ".h5";
  Finding finding = {"files", Health::good,
                     "HDF5 files can be written, locked and read in " + here(), ""};
  try {
    write_and_read_back(path);
  } catch (const base::Error& error) {
    finding = {"files", Health::broken, error.what(),
               "cd to a directory on a writable file system that supports locks"};
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return finding;
}

Finding check_locking() {
  const std::string setting = environment("HDF5_USE_FILE_LOCKING");
  if (setting != "FALSE" && setting != "0") return {"file locks", Health::good, "in use", ""};
  return {
      "file locks", Health::warning,
      "HDF5_USE_FILE_LOCKING=" + setting + " lets two runs write the same file",
      "unset HDF5_USE_FILE_LOCKING (only read-only shards on a file system without locks need it)"};
}

double free_disk(const char* path) {
  struct statvfs status = {};
  if (statvfs(path, &status) != 0) return -1.0;
  return static_cast<double>(status.f_bavail) * static_cast<double>(status.f_frsize);
}

Finding check_space(const std::string& topic, double bytes, double least,
                    const std::string& remedy) {
  if (bytes < 0.0) return {topic, Health::good, "unknown", ""};
  const bool enough = bytes >= least;
  return {topic, enough ? Health::good : Health::warning, in_gib(bytes) + " free",
          enough ? "" : remedy};
}

}  // namespace

std::vector<Finding> check_storage() {
  return {
      check_hdf5_files(), check_locking(),
      check_space("memory", static_cast<double>(base::available_memory()), gib,
                  "start fewer ranks: each takes about 0.2 GiB besides its data"),
      check_space("disk", free_disk("."), gib,
                  "make room in " + here() + ", or lower [checkpoint] keep"),
      check_space("shared memory", free_disk("/dev/shm"), gib / 16.0,
                  "make room in /dev/shm, through which the ranks of a host send their messages")};
}

}  // namespace tropism::app
