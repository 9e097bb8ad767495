// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// Whether direct differences serve these queries: on the CPU, unless the signal is so weak that
/// x / a loses its range.
[[nodiscard]] bool suits_direct_state(const torch::Tensor& x, NoiseLevel noise);

/// The running state of queries over all rows of the blocks, by the kernel of
/// direct_kernel.hpp. The state of a query depends on that query and the rows alone, to the last
/// bit.
[[nodiscard]] RatioState direct_state(const Queries& queries, std::span<const DataBlock> blocks,
                                      NoiseLevel noise, Weights weights);

/// What each piece of `piece_rows` consecutive rows of a block, and the rest of it, weighs.
struct PieceWeights {
  torch::Tensor log_max;  // L, float64 [pieces, B]
  torch::Tensor weight;   // sum_j e^{l - L}, [pieces, B]
};
[[nodiscard]] PieceWeights direct_piece_weights(const Queries& queries, const DataBlock& block,
                                                std::int64_t piece_rows, NoiseLevel noise);

}  // namespace tropism::score
