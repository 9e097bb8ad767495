// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/comm/row_split.hpp>
#include <tropism/score/ratio_sum.hpp>

/// The estimate over the rows of all ranks: queries travel, states merge.
namespace tropism::score {

/// Some queries of every rank, which are compared with the rows of each rank.
struct QueryRound {
  comm::RowRange own;                // which of this rank's queries
  std::vector<std::int64_t> counts;  // queries of each rank in the round, in rank order
  torch::Tensor places;              // of the round's queries among all, in rank order, int64 [b]
};

/// Deals queries into rounds of about `most` queries or fewer; every rank gets the same number of
/// rounds, one at least. (Ranks that share memory gain nothing from more rounds than that: there,
/// what travels is copied by the processors that compute. tests/benchmark/benchmark_ranks.cpp)
/// @param counts   queries of each rank, in rank order
/// @param rank     whose `own` is meant
[[nodiscard]] std::vector<QueryRound> deal_rounds(const std::vector<std::int64_t>& counts, int rank,
                                                  std::int64_t most);

/// The state of queries [b, D] of one round over this rank's rows.
using StateOfRound =
    std::function<RatioState(const torch::Tensor& x, std::size_t round, Weights weights)>;

/// Collective. The states of this rank's queries over the rows of all ranks, one for each of
/// `weights`. The queries of the next round travel, and the sums of the last one merge, while a
/// round is computed: a rank holds the queries of two rounds and the states of two at a time
/// besides its own.
/// @param own     this rank's queries, [B, D]
[[nodiscard]] std::vector<RatioState> sum_over_ranks(const comm::Communicator& comm,
                                                     const torch::Tensor& own,
                                                     const std::vector<QueryRound>& rounds,
                                                     std::span<const Weights> weights,
                                                     const StateOfRound& state_of);

}  // namespace tropism::score
