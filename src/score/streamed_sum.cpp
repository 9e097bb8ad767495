// SPDX-License-Identifier: MIT
#include "streamed_sum.hpp"

#include <map>
#include <utility>

#include <tropism/base/fixed_point.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::score {
namespace {

/// All sums of a state side by side, [Q, 2 + D]: they travel as one message.
torch::Tensor pack(const RatioState& state) {
  return torch::cat({torch::stack({state.weight, state.squared_weight}, 1), state.weighted_sum}, 1);
}

RatioState unpack(const torch::Tensor& log_max, const torch::Tensor& packed) {
  return {log_max, packed.select(1, 0), packed.select(1, 1),
          packed.narrow(1, 2, packed.size(1) - 2)};
}

/// The states of all kinds of weights are kept as one, below each other.
std::int64_t rows_of(const Question& question) {
  return question.queries.size() * static_cast<std::int64_t>(question.weights.size());
}

std::vector<RatioState> by_weights(const Question& question, const RatioState& all) {
  const std::int64_t count = question.queries.size();
  std::vector<RatioState> states;
  for (std::size_t i = 0; i < question.weights.size(); ++i) {
    const auto first = static_cast<std::int64_t>(i) * count;
    const auto part = [&](const torch::Tensor& t) { return t.narrow(0, first, count); };
    states.push_back(
        {part(all.log_max), part(all.weight), part(all.squared_weight), part(all.weighted_sum)});
  }
  return states;
}

/// What one block adds to some rows of the states.
using TakeShare = std::function<void(const torch::Tensor& rows, RatioState& share)>;

void each_share(const Question& question, const Pass& pass, const TakeShare& take) {
  struct Asked {
    torch::Tensor rows;
    Queries queries;
  };
  std::map<std::int64_t, std::vector<Asked>> asked;
  for (const auto& unit : question.units)
    asked[unit.group].push_back({unit.rows, question.queries.at(unit.rows)});
  pass([&](std::int64_t group, const DataBlock& block) {
    for (const auto& [rows, queries] : asked.at(group))
      for (std::size_t i = 0; i < question.weights.size(); ++i) {
        auto share = ratio_state(queries, block, question.noise, question.weights[i]);
        take(rows + static_cast<std::int64_t>(i) * question.queries.size(), share);
      }
  });
}

/// each_share, with an error in reading thrown on all ranks where the others wait for this one.
void each_share_together(const comm::Communicator& comm, Scope scope, const Question& question,
                         const Pass& pass, const TakeShare& take) {
  const auto all_shares = [&] { each_share(question, pass, take); };
  if (scope == Scope::global)
    comm::together(comm, all_shares);
  else
    all_shares();
}

void merge_at(RatioState& all, const torch::Tensor& rows, const RatioState& share) {
  RatioState merged = {all.log_max.index_select(0, rows), all.weight.index_select(0, rows),
                       all.squared_weight.index_select(0, rows),
                       all.weighted_sum.index_select(0, rows)};
  merged.merge(share);
  all.log_max.index_copy_(0, rows, merged.log_max);
  all.weight.index_copy_(0, rows, merged.weight);
  all.squared_weight.index_copy_(0, rows, merged.squared_weight);
  all.weighted_sum.index_copy_(0, rows, merged.weighted_sum);
}

RatioState merged_over_ranks(const comm::Communicator& comm, RatioState state) {
  auto log_max = state.log_max.clone();
  comm::all_reduce_max(comm, log_max);
  state.rescale(log_max);
  auto packed = pack(state);
  comm::all_reduce_sum(comm, packed);
  return unpack(log_max, packed);
}

}  // namespace

std::vector<RatioState> stream_running(const comm::Communicator& comm, Scope scope,
                                       const Question& question, const Pass& pass) {
  auto all = RatioState::empty(rows_of(question), question.queries.x.size(1));
  each_share_together(
      comm, scope, question, pass,
      [&](const torch::Tensor& rows, RatioState& share) { merge_at(all, rows, share); });
  if (scope == Scope::global && comm.size() > 1) all = merged_over_ranks(comm, std::move(all));
  return by_weights(question, all);
}

std::vector<RatioState> stream_exactly(const comm::Communicator& comm, Scope scope,
                                       const Question& question, const Pass& pass, double bound) {
  const auto dimension = question.queries.x.size(1);
  auto log_max = RatioState::empty(rows_of(question), dimension).log_max;
  each_share_together(
      comm, scope, question, pass, [&](const torch::Tensor& rows, RatioState& share) {
        log_max.index_copy_(0, rows, torch::maximum(log_max.index_select(0, rows), share.log_max));
      });
  if (scope == Scope::global) comm::all_reduce_max(comm, log_max);
  const int exponent = base::fixed_point_exponent(bound);
  auto sums = torch::zeros({rows_of(question), 2 + dimension}, torch::kInt64);
  each_share_together(comm, scope, question, pass,
                      [&](const torch::Tensor& rows, RatioState& share) {
                        share.rescale(log_max.index_select(0, rows));
                        sums.index_add_(0, rows, base::to_fixed_point(pack(share), exponent));
                      });
  if (scope == Scope::global) comm::all_reduce_sum(comm, sums);
  return by_weights(question,
                    unpack(log_max, base::from_fixed_point(sums, exponent).to(torch::kFloat32)));
}

}  // namespace tropism::score
