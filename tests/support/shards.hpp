// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/data/shard_set.hpp>
#include <tropism/io/hdf5_file.hpp>

namespace tropism::test {

/// Row i is (i, i + 1/2), its label 3 i, its context (i, -i, 1), its reward i / 4.
inline data::Dataset numbered_rows(std::int64_t rows) {
  const auto index = torch::arange(rows, torch::kFloat32);
  auto dataset = data::whole_dataset(torch::stack({index, index + 0.5}, 1));
  dataset.label = 3 * torch::arange(rows, torch::kInt64);
  dataset.context = torch::stack({index, -index, torch::ones_like(index)}, 1);
  dataset.reward = index / 4;
  return dataset;
}

/// A file as other people write it: any names, no attributes.
inline std::string write_foreign(
    const std::string& path, const std::vector<std::pair<std::string, torch::Tensor>>& columns) {
  auto file = io::Hdf5File::create(path);
  for (const auto& [name, values] : columns) file.write(name, values, io::Layout::checksummed);
  file.close();
  return path;
}

inline data::DataConfig data_at(const std::string& path) {
  data::DataConfig config;
  config.path = path;
  return config;
}

inline data::ShardSet open_alone(const data::DataConfig& config) {
  return data::ShardSet(config, comm::Communicator::alone());
}

}  // namespace tropism::test
