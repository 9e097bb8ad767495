// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include <tropism/comm/row_split.hpp>
#include <tropism/data/data_config.hpp>
#include <tropism/data/scaling.hpp>
#include <tropism/io/hdf5_file.hpp>

namespace tropism::data {

/// What one file offers, from its headers alone.
struct ShardColumns {
  std::int64_t rows = 0;
  std::vector<std::int64_t> row_shape;
  bool has_label = false;
  bool has_reward = false;
  std::optional<std::int64_t> context_size;
  Scaling scaling;
};

/// Checks rank, type and length of every column. @throws IoError
[[nodiscard]] ShardColumns describe_columns(const io::Hdf5File& file, const DataConfig& config);

/// Throws IoError unless `other` can stand in one array with `first`.
void check_alike(const ShardColumns& first, const ShardColumns& other, const std::string& path,
                 const DataConfig& config);

/// Rows of x into their place in a Dataset, `values` [rows.count, D].
/// @throws IoError   names file and row of a value that is not finite
void read_x(torch::Tensor values, const io::Hdf5File& file, const std::string& name,
            comm::RowRange rows);
/// Rows of one of the other columns in the type they have in a Dataset.
/// @throws IoError   names file and row of a value that is not finite
[[nodiscard]] torch::Tensor read_label(const io::Hdf5File& file, const std::string& name,
                                       comm::RowRange rows);
[[nodiscard]] torch::Tensor read_context(const io::Hdf5File& file, const std::string& name,
                                         comm::RowRange rows);
[[nodiscard]] torch::Tensor read_reward(const io::Hdf5File& file, const std::string& name,
                                        comm::RowRange rows);

}  // namespace tropism::data
