// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstddef>

#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// One query against all rows of a block.
struct DirectQuery {
  const float* x;  // [D]
  std::size_t dimension;
  const float* columns;  // [D, stride], zeros beyond num_rows
  std::size_t stride;
  std::size_t num_rows;
  const float* log_weights;  // [num_rows], or null
  float signal;              // a
  float half_precision;      // 1 / (2 v)
};

/// Running sums of one query, referred to log_max.
struct DirectSums {
  float log_max;
  double weight;
  double squared_weight;
  double* weighted_sum;  // [D]
};

/// Whether direct differences beat matrix products in this dimension.
[[nodiscard]] bool suits_direct_kernel(std::int64_t dimension);

/// Data [M, D] by coordinate, [D, M'], with M' the next multiple of 64 and zeros beyond M.
[[nodiscard]] torch::Tensor padded_columns(const torch::Tensor& data);

/// The running state of queries x [B, D] over M rows: a tiled online softmax on direct differences
/// x - a x_j, in float32, vectorised for the processor at hand (Highway, run-time dispatch).
[[nodiscard]] RatioState direct_state(const torch::Tensor& x, const torch::Tensor& columns,
                                      std::int64_t num_rows, NoiseLevel noise,
                                      const torch::Tensor& log_weights);

/// The instruction set that run-time dispatch has chosen, for instance "AVX3".
[[nodiscard]] const char* direct_kernel_target();

}  // namespace tropism::score
