// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/score/ratio_data.hpp>
#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// Queries that share a group, and the blocks of data they are compared with.
struct QueryUnit {
  torch::Tensor rows;  // which queries, int64 [b]
  std::vector<DataBlock> blocks;
};

/// The state of all queries over the blocks of their units, block by block in one pass.
[[nodiscard]] RatioState sum_running(const Queries& queries, const std::vector<QueryUnit>& units,
                                     NoiseLevel noise, Weights weights);

/// The same, with Scope::global over the blocks of all ranks, to the last bit for any deal of the
/// blocks to ranks: the states of all blocks are referred to the exact maximum, and their sums
/// formed in fixed point. Holds the states of all blocks for a few units at a time.
/// Collective if the scope is global: every rank passes the same queries, in the same units.
/// @param bound   upper limit of the number of rows of a group times the largest coordinate (at
/// least 1)
[[nodiscard]] RatioState sum_exactly(const comm::Communicator& comm, Scope scope,
                                     const Queries& queries, const std::vector<QueryUnit>& units,
                                     NoiseLevel noise, Weights weights, double bound);

}  // namespace tropism::score
