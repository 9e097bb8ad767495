// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_sum.hpp>

#include <limits>

#include <tropism/base/fixed_point.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::score {
namespace {

/// Weight, squared weight, what was pruned and weighted sum side by side, [Q, 3 + D]: they travel
/// as one message.
torch::Tensor pack(const RatioState& state) {
  const auto pruned = state.pruned.defined() ? state.pruned : torch::zeros_like(state.weight);
  return torch::cat(
      {torch::stack({state.weight, state.squared_weight, pruned}, 1), state.weighted_sum}, 1);
}

RatioState unpack(const torch::Tensor& log_max, const torch::Tensor& packed) {
  return {log_max, packed.select(1, 0), packed.select(1, 1),
          packed.narrow(1, 3, packed.size(1) - 3), packed.select(1, 2)};
}

RatioState scatter_units(const Queries& queries, const std::vector<QueryUnit>& units,
                         NoiseLevel noise, Weights weights) {
  auto whole = RatioState::empty(queries.size(), queries.x.size(1));
  whole.pruned = torch::zeros({queries.size()});
  for (const auto& unit : units) {
    const auto state = ratio_state(queries.at(unit.rows), unit.blocks, noise, weights);
    whole.log_max.index_copy_(0, unit.rows, state.log_max);
    whole.weight.index_copy_(0, unit.rows, state.weight);
    whole.squared_weight.index_copy_(0, unit.rows, state.squared_weight);
    whole.weighted_sum.index_copy_(0, unit.rows, state.weighted_sum);
    if (state.pruned.defined()) whole.pruned.index_copy_(0, unit.rows, state.pruned);
  }
  return whole;
}

/// What one block contributes to the queries of a unit.
struct Share {
  const QueryUnit* unit;
  RatioState state;
};

std::vector<Share> shares_of(const Queries& queries, const std::vector<QueryUnit>& units,
                             NoiseLevel noise, Weights weights) {
  std::vector<Share> shares;
  for (const auto& unit : units) {
    const auto of_unit = queries.at(unit.rows);
    for (const auto& block : unit.blocks)
      shares.push_back({&unit, ratio_state(of_unit, block, noise, weights)});
  }
  return shares;
}

torch::Tensor exact_maximum(const std::vector<Share>& shares, std::int64_t queries) {
  auto log_max = torch::full({queries}, -std::numeric_limits<double>::infinity(), torch::kFloat64);
  for (const auto& [unit, state] : shares)
    log_max.index_copy_(0, unit->rows,
                        torch::maximum(log_max.index_select(0, unit->rows), state.log_max));
  return log_max;
}

}  // namespace

RatioState sum_running(const comm::Communicator& comm, Scope scope, const Queries& queries,
                       const std::vector<QueryUnit>& units, NoiseLevel noise, Weights weights) {
  auto state = scatter_units(queries, units, noise, weights);
  if (scope == Scope::local || comm.size() == 1) return state;
  auto log_max = state.log_max.clone();
  comm::all_reduce_max(comm, log_max);
  state.rescale(log_max);
  auto packed = pack(state);
  comm::all_reduce_sum(comm, packed);
  return unpack(log_max, packed);
}

RatioState sum_exactly(const comm::Communicator& comm, Scope scope, const Queries& queries,
                       const std::vector<QueryUnit>& units, NoiseLevel noise, Weights weights,
                       double bound) {
  auto shares = shares_of(queries, units, noise, weights);
  auto log_max = exact_maximum(shares, queries.size());
  if (scope == Scope::global) comm::all_reduce_max(comm, log_max);
  const int exponent = base::fixed_point_exponent(bound);
  auto sums = torch::zeros({queries.size(), 3 + queries.x.size(1)}, torch::kInt64);
  for (auto& [unit, state] : shares) {
    state.rescale(log_max.index_select(0, unit->rows));
    sums.index_add_(0, unit->rows, base::to_fixed_point(pack(state), exponent));
  }
  if (scope == Scope::global) comm::all_reduce_sum(comm, sums);
  return unpack(log_max, base::from_fixed_point(sums, exponent).to(torch::kFloat32));
}

}  // namespace tropism::score
