// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include <tropism/data/scaling.hpp>

namespace tropism::data {

/// Rows of a shard set in memory: all of them, or a contiguous part. Labels, contexts and rewards
/// are there for every row or not at all.
struct Dataset {
  torch::Tensor x;                       // float32 [M, D], scaled
  std::vector<std::int64_t> shape;       // of one row, for instance {8, 8}; the product is D
  std::optional<torch::Tensor> label;    // int64 [M]; any integers
  std::optional<torch::Tensor> context;  // float32 [M, C]
  std::optional<torch::Tensor> reward;   // float32 [M]; NaN where unlabelled
  Scaling scaling;                       // of x
  std::int64_t first_row = 0;            // of these rows in the whole set
  std::int64_t total_rows = 0;           // of the whole set; M if x is all of it

  [[nodiscard]] std::int64_t rows() const { return x.size(0); }
  [[nodiscard]] std::int64_t dimension() const { return x.size(1); }
};

/// Rows [first, first + count) of a dataset; shares its memory.
[[nodiscard]] Dataset narrow(const Dataset& whole, std::int64_t first, std::int64_t count);

/// A dataset that is all there is: x [M, ...] of any floating type becomes float32 [M, D].
[[nodiscard]] Dataset whole_dataset(const torch::Tensor& x);

}  // namespace tropism::data
