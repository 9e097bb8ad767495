// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tropism/data/dataset.hpp>

namespace tropism::app {

/// Which parts of the input files are what.
struct ImportColumns {
  std::string label;                 // CSV: name or 0-based index; empty: none
  std::vector<std::string> context;  // CSV: names or indices
  std::string reward;                // CSV: name or index; empty: none
  std::string label_file;            // .npy [N]; empty: none
  std::string context_file;          // .npy [N] or [N, C]
  std::string reward_file;           // .npy [N]
};

/// All input files joined, in original units.
struct ImportedRows {
  torch::Tensor x;                       // float64 [N, D], finite
  std::vector<std::int64_t> shape;       // of one row, as far as the files tell
  std::optional<torch::Tensor> label;    // int64 [N]
  std::optional<torch::Tensor> context;  // float64 [N, C], finite
  std::optional<torch::Tensor> reward;   // float64 [N], NaN = unlabelled
};

/// Reads .npy files by their ending and everything else as CSV.
/// @throws IoError       names file, row and column of what cannot be used
/// @throws ConfigError   for options that contradict each other or the files
[[nodiscard]] ImportedRows read_rows(const std::vector<std::string>& files,
                                     const ImportColumns& columns);

/// The rows as training takes them.
/// @param scale   none, unit or standard
/// @param shape   of one row; empty: that of the files
/// @throws ConfigError   for a scale that there is not, or a shape that does not fit the rows
[[nodiscard]] data::Dataset dataset_of(const ImportedRows& rows, const std::string& scale,
                                       const std::vector<std::int64_t>& shape);

}  // namespace tropism::app
