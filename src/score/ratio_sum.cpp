// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_sum.hpp>

#include <algorithm>
#include <span>

#include "data_block.hpp"
#include "direct_state.hpp"

#include <tropism/base/fixed_point.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::score {
namespace {

// Their states over every block are held at once.
constexpr std::int64_t queries_at_once = 192;

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

/// What one block contributes to the queries of a unit.
struct Share {
  const QueryUnit* unit;
  RatioState state;
};

std::vector<Share> shares_of(const Queries& queries, std::span<const QueryUnit> units,
                             NoiseLevel noise, Weights weights) {
  std::vector<Share> shares;
  for (const auto& unit : units) {
    const auto of_unit = queries.at(unit.rows);
    for (const auto& block : unit.blocks)
      shares.push_back({&unit, ratio_state(of_unit, block, noise, weights)});
  }
  return shares;
}

void raise_to(torch::Tensor& log_max, const std::vector<Share>& shares) {
  for (const auto& [unit, state] : shares)
    log_max.index_copy_(0, unit->rows,
                        torch::maximum(log_max.index_select(0, unit->rows), state.log_max));
}

/// The units in batches of about `queries_at_once` queries: the same on all ranks.
std::vector<std::span<const QueryUnit>> batches_of(const std::vector<QueryUnit>& units) {
  std::vector<std::span<const QueryUnit>> batches;
  const auto all = std::span(units);
  std::size_t first = 0;
  std::int64_t queries = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    queries += all[i].rows.size(0);
    if (queries < queries_at_once && i + 1 < all.size()) continue;
    batches.push_back(all.subspan(first, i + 1 - first));
    first = i + 1;
    queries = 0;
  }
  return batches;
}

/// Adds the sums of some units to those of their queries.
void add_exactly(torch::Tensor& sums, const torch::Tensor& log_max, std::vector<Share>& shares,
                 int exponent) {
  for (auto& [unit, state] : shares) {
    state.rescale(log_max.index_select(0, unit->rows));
    sums.index_add_(0, unit->rows, base::to_fixed_point(pack(state), exponent));
  }
}

/// Whether the kernel serves all units as they are: no rows that trees leave out, or that lie in a
/// device's memory.
bool suit_kernel(const Queries& queries, const std::vector<QueryUnit>& units, NoiseLevel noise) {
  const auto plain = [](const DataBlock& block) { return !block.tree && !block.copy; };
  return suits_direct_state(queries.x, noise) &&
         std::all_of(units.begin(), units.end(), [&](const auto& unit) {
           return std::all_of(unit.blocks.begin(), unit.blocks.end(), plain);
         });
}

/// Queries of all units without gathering those of each: with a state for each label, calls to
/// LibTorch would cost more than the work.
RatioState sum_by_kernel(const Queries& queries, const std::vector<QueryUnit>& units,
                         NoiseLevel noise, Weights weights) {
  std::vector<DirectUnit> direct;
  for (const auto& [rows, blocks] : units) {
    check_question(queries, blocks, noise);
    const auto* first = rows.data_ptr<std::int64_t>();
    direct.push_back({{first, static_cast<std::size_t>(rows.size(0))}, blocks});
  }
  return direct_state(queries, direct, noise, weights);
}

/// One part of the states, in order, to the queries' places.
torch::Tensor in_places(std::vector<RatioState>& states, torch::Tensor RatioState::*part,
                        const torch::Tensor& order) {
  std::vector<torch::Tensor> parts;
  for (auto& state : states) parts.push_back(std::move(state.*part));
  const auto joined = torch::cat(parts);
  return torch::empty_like(joined).index_copy_(0, order, joined);
}

/// States of queries in order, one after the other, to the state of all.
RatioState in_places(std::vector<RatioState>& states, const torch::Tensor& order) {
  const bool pruned = std::any_of(states.begin(), states.end(),
                                  [](const auto& state) { return state.pruned.defined(); });
  for (auto& state : states)
    if (pruned && !state.pruned.defined()) state.pruned = torch::zeros_like(state.weight);
  RatioState whole = {in_places(states, &RatioState::log_max, order),
                      in_places(states, &RatioState::weight, order),
                      in_places(states, &RatioState::squared_weight, order),
                      in_places(states, &RatioState::weighted_sum, order)};
  if (pruned) whole.pruned = in_places(states, &RatioState::pruned, order);
  return whole;
}

}  // namespace

RatioState sum_running(const Queries& queries, const std::vector<QueryUnit>& units,
                       NoiseLevel noise, Weights weights) {
  if (units.size() == 1 && units.front().rows.size(0) == queries.size())  // all, in order
    return ratio_state(queries, units.front().blocks, noise, weights);
  if (units.empty()) return RatioState::empty(queries.size(), queries.x.size(1));
  if (suit_kernel(queries, units, noise)) return sum_by_kernel(queries, units, noise, weights);
  std::vector<torch::Tensor> rows;
  for (const auto& unit : units) rows.push_back(unit.rows);
  const auto order = torch::cat(rows);
  const auto in_order = queries.at(order);
  std::vector<RatioState> states;
  std::int64_t first = 0;
  for (const auto& unit : units) {
    const std::int64_t count = unit.rows.size(0);
    states.push_back(ratio_state(in_order.rows(first, count), unit.blocks, noise, weights));
    first += count;
  }
  return in_places(states, order);
}

RatioState sum_exactly(const comm::Communicator& comm, Scope scope, const Queries& queries,
                       const std::vector<QueryUnit>& units, NoiseLevel noise, Weights weights,
                       double bound) {
  const int exponent = base::fixed_point_exponent(bound);
  auto log_max = RatioState::empty(queries.size(), 1).log_max;
  auto sums = torch::zeros({queries.size(), 3 + queries.x.size(1)}, torch::kInt64);
  for (const auto& batch : batches_of(units)) {
    auto shares = shares_of(queries, batch, noise, weights);
    raise_to(log_max, shares);
    if (scope == Scope::global) comm::all_reduce_max(comm, log_max);
    add_exactly(sums, log_max, shares, exponent);
  }
  if (scope == Scope::global) comm::all_reduce_sum(comm, sums);
  return unpack(log_max, base::from_fixed_point(sums, exponent).to(torch::kFloat32));
}

}  // namespace tropism::score
