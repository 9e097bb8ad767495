// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// Whether direct differences serve these queries: on the CPU, unless the signal is so weak that
/// x / a loses its range.
[[nodiscard]] bool suits_direct_state(const torch::Tensor& x, NoiseLevel noise);

/// Some of the queries, and the blocks whose rows they see.
struct DirectUnit {
  std::span<const std::int64_t> queries;  // their numbers
  std::span<const DataBlock> blocks;
};

/// The running state of queries, each of them in one unit, over all rows of its unit's blocks, by
/// the kernel of direct_kernel.hpp. The state of a query depends on that query and the rows alone,
/// to the last bit.
[[nodiscard]] RatioState direct_state(const Queries& queries, std::span<const DirectUnit> units,
                                      NoiseLevel noise, Weights weights);
/// The same where all queries see the same rows.
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
