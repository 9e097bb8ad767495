// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <string>

namespace tropism::app {

/// What a file says under the name `label` or `context`, one condition a row: the dataset of that
/// name of .h5, the columns whose names begin with it of .csv or .csv.gz (all columns if there are
/// none), all of .npy. Files of samples and shards will do.
/// @return   finite in float32, float64 [n, C], n >= 1
/// @throws IoError, ConfigError   name the file and what is wrong with it
[[nodiscard]] torch::Tensor read_conditions(const std::string& path, const std::string& name);

}  // namespace tropism::app
