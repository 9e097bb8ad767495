// SPDX-License-Identifier: MIT
#include <filesystem>
#include <iostream>

#include <tropism/comm/communicator.hpp>
#include <tropism/data/manifest.hpp>
#include <tropism/data/shard_set.hpp>

#include "inspect_file.hpp"
#include "value_summary.hpp"

namespace tropism::app {
namespace {

constexpr std::size_t most_shards = 12;  // in a screenful

void print_manifest(const std::string& directory, Listing listing) {
  const auto shards = data::read_manifest(directory).shards;
  for (std::size_t index = 0; index < shards.size(); ++index) {
    if (listing == Listing::screenful && index == most_shards) {
      std::cout << "  ... and " << shards.size() - index << " more (--all)\n";
      return;
    }
    const auto& shard = shards[index];
    std::cout << "  " << shard.file << "  " << count_text(shard.rows, "row") << ", " << shard.bytes
              << " bytes, " << shard.hash << '\n';
  }
}

}  // namespace

void inspect_shards(const std::string& directory, Listing listing) {
  data::DataConfig config;
  config.path = directory;
  const auto alone = comm::Communicator::alone();
  const data::ShardSet shards(config, alone);
  const bool has_manifest = std::filesystem::exists(data::manifest_path(directory));
  std::cout << directory << ": " << count_text(shards.rows(), "row") << " in "
            << count_text(shards.shard_count(), "shard")
            << (has_manifest ? "; sizes and contents agree with manifest.json"
                             : "; no manifest.json")
            << '\n';
  print_columns(data::load(shards, config, alone));
  if (has_manifest) print_manifest(directory, listing);
}

}  // namespace tropism::app
