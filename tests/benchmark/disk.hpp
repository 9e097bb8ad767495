// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::benchmark {

/// The system drops what it has of a file in memory.
void forget(const std::string& path);

/// Seconds that `dd` needs to read a file, a MiB at a time.
[[nodiscard]] double dd_reads(const std::string& path);

/// Seconds that `dd` needs to write what a file holds to a new one, down to the disk.
[[nodiscard]] double dd_writes(const std::string& source, const std::string& target);

/// Seconds that this process has spent in fsync so far.
[[nodiscard]] double seconds_in_fsync();

}  // namespace tropism::benchmark
