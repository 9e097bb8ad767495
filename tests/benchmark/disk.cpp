// SPDX-License-Identifier: MIT
#include "disk.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <stdexcept>

namespace {

double spent_in_fsync = 0.0;

std::string output_of(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start: " + command);
  std::string output;
  std::array<char, 4096> block = {};
  while (const auto bytes = std::fread(block.data(), 1, block.size(), pipe))
    output.append(block.data(), bytes);
  if (pclose(pipe) != 0) throw std::runtime_error(command + ": " + output);
  return output;
}

/// dd times itself: "268435456 bytes (268 MB, 256 MiB) copied, 0.05 s, 5.4 GB/s".
double seconds_of_dd(const std::string& arguments) {
  const auto output = output_of("LC_ALL=C dd bs=1M " + arguments + " 2>&1");
  const std::string before = "copied, ";
  const auto found = output.find(before);
  if (found == std::string::npos) throw std::runtime_error("dd: " + output);
  return std::stod(output.substr(found + before.size()));
}

}  // namespace

/// Takes the place of the C library's, so that the fsync of whatever is measured is timed.
int fsync(int file) {
  const auto start = std::chrono::steady_clock::now();
  const auto result = syscall(SYS_fsync, file);
  spent_in_fsync += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return static_cast<int>(result);
}

namespace tropism::benchmark {

void forget(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY);
  fdatasync(file);  // what is not on the disk yet cannot be dropped
  posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  close(file);
}

double dd_reads(const std::string& path) {
  return seconds_of_dd("if='" + path + "' of=/dev/null");
}

double dd_writes(const std::string& source, const std::string& target) {
  std::filesystem::remove(target);
  return seconds_of_dd("if='" + source + "' of='" + target + "' conv=fsync");
}

double seconds_in_fsync() {
  return spent_in_fsync;
}

}  // namespace tropism::benchmark
