// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <string>

namespace tropism::io {
class Hdf5File;
}

namespace tropism::data {

enum class ScalingKind { none, unit, standard };

/// How raw values became the values that are stored and trained on: stored = (raw - offset) /
/// factor. Samples are undone before they are written.
struct Scaling {
  ScalingKind kind = ScalingKind::none;
  torch::Tensor offset = torch::zeros({1}, torch::kFloat64);  // float64 [1] or [D]
  torch::Tensor factor = torch::ones({1}, torch::kFloat64);   // float64 [1] or [D]; > 0

  /// Raw to stored, [M, D]; float32 in, float32 out.
  [[nodiscard]] torch::Tensor apply(const torch::Tensor& raw) const;

  /// Stored to raw, [M, D]; keeps dtype and device.
  [[nodiscard]] torch::Tensor undo(const torch::Tensor& stored) const;

  /// Attribute `scaling` of a group that is created if need be ("/" for the file), and datasets
  /// `scaling/offset` and `scaling/factor` in it.
  void write(io::Hdf5File& file, const std::string& group) const;

  /// What write() wrote; no scaling if the group has no such attribute. @throws IoError for
  /// anything else
  static Scaling read(const io::Hdf5File& file, const std::string& group);
};

/// The scaling that fits raw values [M, D]. none: nothing. unit: all values to [-1, 1], by the
/// smallest and largest of the whole set. standard: each column to mean 0 and variance 1
/// (population variance). A constant set or column keeps factor 1. Empty data: factor 1, offset 0.
[[nodiscard]] Scaling fit_scaling(ScalingKind kind, const torch::Tensor& raw);

/// "none", "unit" or "standard". @throws ConfigError for another name
[[nodiscard]] ScalingKind scaling_kind(const std::string& name);
[[nodiscard]] std::string name_of(ScalingKind kind);

}  // namespace tropism::data
