// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/data/data_config.hpp>
#include <tropism/data/dataset.hpp>

namespace tropism::app {

/// Points that somebody wants to look at, in original units.
struct PointSet {
  std::string path;
  torch::Tensor x;                     // float32 [N, D], finite, N >= 1
  std::vector<std::int64_t> shape;     // of one row; the product is D
  std::optional<torch::Tensor> label;  // int64 [N]
  std::string config;                  // TOML of the run that drew them; empty if not recorded
  bool has_contexts = false;           // continuous ones, which evaluation does not look at
};

/// Reads samples: .h5 (`/x` [N, ...], `/label`, `/config`; a shard too, whose scaling is undone),
/// .npy
/// ([N, ...]), .csv or .csv.gz (a column `label` is the label; `index` and `context...` are left
/// out).
/// @throws IoError       names file, dataset and row of what is missing, not a number or not finite
/// @throws ConfigError   if the name ends in nothing of these
[[nodiscard]] PointSet read_point_set(const std::string& path);

/// Labels as integers, int64, flat.
/// @throws IoError   names the file if they are not integers
[[nodiscard]] torch::Tensor as_labels(const std::string& path, const torch::Tensor& values);

/// All rows of a data directory or file, by this process alone.
[[nodiscard]] data::Dataset read_whole_data(const data::DataConfig& config);

/// A data set as points in original units.
[[nodiscard]] PointSet as_point_set(const data::Dataset& data, const std::string& path);

/// Whether `path` ends in `ending`.
[[nodiscard]] bool has_ending(const std::string& path, const std::string& ending);

}  // namespace tropism::app
