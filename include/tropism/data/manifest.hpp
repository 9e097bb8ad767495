// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tropism::data {

/// One shard as the manifest promises it.
struct ManifestEntry {
  std::string file;  // name in the directory
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  // size of the file
  std::string hash;        // io::content_hash
};

/// manifest.json of a shard directory: which files, in which order, and what is in them.
struct Manifest {
  std::vector<ManifestEntry> shards;
};

/// DIR/manifest.json
[[nodiscard]] std::string manifest_path(const std::string& directory);

/// @throws IoError   names the file and the key that is missing or wrong
[[nodiscard]] Manifest read_manifest(const std::string& directory);

/// Atomic.
void write_manifest(const std::string& directory, const Manifest& manifest);

/// The entry of a file as it is now.
[[nodiscard]] ManifestEntry describe_shard(const std::string& directory, const std::string& file,
                                           std::int64_t rows);

/// Checks that the file is there and has the size that the manifest promises. @throws IoError
void check_shard_size(const std::string& directory, const ManifestEntry& entry);

/// Checks the contents: reads the whole file. @throws IoError
void check_shard_contents(const std::string& directory, const ManifestEntry& entry);

}  // namespace tropism::data
