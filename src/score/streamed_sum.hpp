// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <vector>

#include "bound_queries.hpp"

#include <tropism/comm/communicator.hpp>
#include <tropism/score/ratio_state.hpp>
#include <tropism/score/streamed_data.hpp>

namespace tropism::score {

/// What is asked of the data: the states of these queries, for each kind of weights.
struct Question {
  const std::vector<BoundQueries::Unit>& units;
  const Queries& queries;
  NoiseLevel noise;
  std::vector<Weights> weights;
};

/// Hands over the blocks that this rank has of all groups in question; the same at each pass.
using Pass = std::function<void(const StreamedData::Take&)>;

/// The states over the blocks of a pass, each of which is used for all kinds of weights and then
/// dropped; over those of all ranks where the scope is global. Collective then, and an error in
/// reading is thrown on all ranks. One pass.
[[nodiscard]] std::vector<RatioState> stream_running(const comm::Communicator& comm, Scope scope,
                                                     const Question& question, const Pass& pass);

/// The same to the last bit for any deal of the blocks to ranks: the states of all blocks are
/// referred to the exact maximum, and their sums formed in fixed point. Two passes, for these
/// states are too many to be kept until the maximum is known.
/// @param bound   StreamedData::bound
[[nodiscard]] std::vector<RatioState> stream_exactly(const comm::Communicator& comm, Scope scope,
                                                     const Question& question, const Pass& pass,
                                                     double bound);

}  // namespace tropism::score
