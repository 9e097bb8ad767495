// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tropism::base {

/// Larger tensors have memory of their own, which the system gets back as soon as they are freed.
inline constexpr std::int64_t largest_kept_bytes = 32 << 20;  // the most that glibc takes

/// Keeps the memory of freed tensors for the next ones, where the C library would give it back to
/// the system and fetch it again, page by page, at every step: half of the time of an episode.
/// Process-wide. The process stays as large as it was at its largest. Nothing where the C library
/// is not glibc.
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
