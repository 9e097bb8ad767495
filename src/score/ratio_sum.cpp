// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_sum.hpp>

#include <limits>

#include <tropism/base/fixed_point.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::score {
namespace {

torch::Tensor chosen(const RatioData::Block& block, Weights weights) {
  return weights == Weights::reward ? block.log_weights : torch::Tensor();
}

/// Weight, squared weight and weighted sum side by side, [Q, 2 + D]: they travel as one message.
torch::Tensor pack(const RatioState& state) {
  return torch::cat(
      {state.weight.unsqueeze(1), state.squared_weight.unsqueeze(1), state.weighted_sum}, 1);
}

RatioState unpack(const torch::Tensor& log_max, const torch::Tensor& packed) {
  return {log_max, packed.select(1, 0), packed.select(1, 1),
          packed.narrow(1, 2, packed.size(1) - 2)};
}

RatioState state_of_unit(const torch::Tensor& x, const QueryUnit& unit, NoiseLevel noise,
                         Weights weights) {
  const auto queries = x.index_select(0, unit.rows);
  auto state = RatioState::empty(queries.size(0), queries.size(1));
  for (std::size_t i = 0; i < unit.blocks.size(); ++i) {
    auto of_block = ratio_state(queries, unit.blocks[i].x, noise, chosen(unit.blocks[i], weights));
    if (i == 0) {
      state = std::move(of_block);
    } else {
      state.merge(of_block);
    }
  }
  return state;
}

RatioState scatter_units(const torch::Tensor& x, const std::vector<QueryUnit>& units,
                         NoiseLevel noise, Weights weights) {
  auto whole = RatioState::empty(x.size(0), x.size(1));
  for (const auto& unit : units) {
    const auto state = state_of_unit(x, unit, noise, weights);
    whole.log_max.index_copy_(0, unit.rows, state.log_max);
    whole.weight.index_copy_(0, unit.rows, state.weight);
    whole.squared_weight.index_copy_(0, unit.rows, state.squared_weight);
    whole.weighted_sum.index_copy_(0, unit.rows, state.weighted_sum);
  }
  return whole;
}

torch::Tensor exact_maximum(const torch::Tensor& x, const std::vector<QueryUnit>& units,
                            NoiseLevel noise, Weights weights) {
  auto log_max = torch::full({x.size(0)}, -std::numeric_limits<float>::infinity());
  for (const auto& unit : units) {
    const auto queries = x.index_select(0, unit.rows);
    for (const auto& block : unit.blocks) {
      const auto largest = ratio_logits(queries, block.x, noise, chosen(block, weights)).amax(1);
      log_max.index_copy_(0, unit.rows,
                          torch::maximum(log_max.index_select(0, unit.rows), largest));
    }
  }
  return log_max;
}

/// One block's share of the sums at a given maximum, in fixed point, int64 [b, 2 + D].
torch::Tensor fixed_point_share(const torch::Tensor& queries, const torch::Tensor& log_max,
                                const RatioData::Block& block, NoiseLevel noise, Weights weights,
                                int exponent) {
  const auto logits = ratio_logits(queries, block.x, noise, chosen(block, weights));
  const auto e = (logits - log_max.unsqueeze(1)).exp();
  const RatioState share = {log_max, e.sum(1), e.square().sum(1), e.mm(block.x)};
  return base::to_fixed_point(pack(share), exponent);
}

}  // namespace

RatioState sum_running(const comm::Communicator& comm, Scope scope, const torch::Tensor& x,
                       const std::vector<QueryUnit>& units, NoiseLevel noise, Weights weights) {
  auto state = scatter_units(x, units, noise, weights);
  if (scope == Scope::local || comm.size() == 1) return state;
  auto log_max = state.log_max.clone();
  comm::all_reduce_max(comm, log_max);
  state.rescale(log_max);
  auto packed = pack(state);
  comm::all_reduce_sum(comm, packed);
  return unpack(log_max, packed);
}

RatioState sum_exactly(const comm::Communicator& comm, Scope scope, const torch::Tensor& x,
                       const std::vector<QueryUnit>& units, NoiseLevel noise, Weights weights,
                       double bound) {
  auto log_max = exact_maximum(x, units, noise, weights);
  if (scope == Scope::global) comm::all_reduce_max(comm, log_max);
  const int exponent = base::fixed_point_exponent(bound);
  auto sums = torch::zeros({x.size(0), 2 + x.size(1)}, torch::kInt64);
  for (const auto& unit : units) {
    const auto queries = x.index_select(0, unit.rows);
    const auto maximum = log_max.index_select(0, unit.rows);
    for (const auto& block : unit.blocks)
      sums.index_add_(0, unit.rows,
                      fixed_point_share(queries, maximum, block, noise, weights, exponent));
  }
  if (scope == Scope::global) comm::all_reduce_sum(comm, sums);
  return unpack(log_max, base::from_fixed_point(sums, exponent).to(torch::kFloat32));
}

}  // namespace tropism::score
