// SPDX-License-Identifier: MIT
#include <tropism/base/memory.hpp>

#include <cstdlib>  // defines __GLIBC__
#include <fstream>
#include <string>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "kept_tensors.hpp"

namespace tropism::base {

void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that it takes
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 16 << 20);
#endif
  keep_tensors();
}

void give_back_freed_memory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

ResidentMemory resident_memory() {
  // Not getrusage: its peak counts the process that this one was started from.
  ResidentMemory memory;
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) memory.now = 1024 * std::stoll(line.substr(6));
    if (line.starts_with("VmHWM:")) memory.peak = 1024 * std::stoll(line.substr(6));
  }
  return memory;
}

std::int64_t available_memory() {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("MemAvailable:")) return 1024 * std::stoll(line.substr(13));
  return -1;
}

}  // namespace tropism::base
