// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include <tropism/data/dataset.hpp>

namespace tropism::data {

enum class Overwrite { refuse, shard_sets };

struct ShardWriterConfig {
  std::string directory;      // created; replaced as a whole
  std::string name = "data";  // of the files: NAME-00000-of-00004.h5
  std::int64_t shards = 1;    // >= 1; may exceed the number of rows
  Overwrite overwrite =
      Overwrite::refuse;  // shard_sets: a directory that holds one may be replaced
};

/// Writes all rows as shards and a manifest.json. x is taken as it is: already scaled by
/// dataset.scaling, which is stored with it. The set appears at once: it is written to a temporary
/// directory beside the final one, which is then renamed.
///
/// @throws IoError       if the directory holds a shard set and may not replace it, or holds
/// anything else
/// @throws ConfigError   for a name or number of shards that cannot be
void write_shards(const Dataset& dataset, const ShardWriterConfig& config);

}  // namespace tropism::data
