// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tropism::base {

/// Keeps the memory of freed tensors for the next ones, where the C library would give it back to
/// the system and fetch it again, page by page, at every step: half of the time of an episode.
/// Process-wide. The process stays as large as it was at its largest, but for tensors of more than
/// 32 MiB (with other C libraries than glibc: 64 KiB), whose memory the system gets back.
void keep_freed_memory();

/// Gives the memory of freed tensors back to the system nevertheless, once: what setting up has
/// left is of no use to what follows.
void give_back_freed_memory();

/// Bytes of memory that a process has, libraries included.
struct ResidentMemory {
  std::int64_t now = 0;
  std::int64_t peak = 0;  // the most so far
};

/// Of this process, as the system tells it in /proc/self/status; zeros where it does not.
[[nodiscard]] ResidentMemory resident_memory();

/// Bytes that programs can still take on this machine, MemAvailable of /proc/meminfo; negative if
/// unknown.
[[nodiscard]] std::int64_t available_memory();

}  // namespace tropism::base
