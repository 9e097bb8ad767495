// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tropism::sampling {

/// Finished samples, in the units of the data, and how they came about.
struct SampleSet {
  torch::Tensor x;                     // [N, ...]
  std::optional<torch::Tensor> label;  // int64 [N]
  torch::Tensor index;                 // int64 [N]: (seed, index) is a sample's identity
  std::vector<std::pair<std::string, std::string>> attributes;  // checkpoint, sampler, steps, ...
  std::string config;                                           // TOML of the run
  std::optional<torch::Tensor> context = {};                    // float32 [N, C]
};

/// Writes samples atomically, in the format of the name's ending. .h5: /x, /label, /context,
/// /index, /config and the attributes; .npy: x alone; .csv: one line per sample, with index, label
/// and context. Not collective. @throws ConfigError   for another ending
void write_samples(const std::string& path, const SampleSet& samples);

/// What write_samples would refuse, to be asked before the work is done.
/// @throws ConfigError   unless the name ends in .h5, .npy or .csv
/// @throws IoError       if its directory is missing or not writable
void check_sample_path(const std::string& path);

}  // namespace tropism::sampling
