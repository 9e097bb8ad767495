// SPDX-License-Identifier: MIT
#pragma once

#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// The running state of queries over one block with a tree, without the boxes of rows that provably
/// hold less than the share DataBlock::pruning of each query's weight. RatioState::pruned says how
/// much that can be at most.
[[nodiscard]] RatioState pruned_state(const Queries& queries, const DataBlock& block,
                                      NoiseLevel noise, Weights weights);

}  // namespace tropism::score
