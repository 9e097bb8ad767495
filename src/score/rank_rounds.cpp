// SPDX-License-Identifier: MIT
#include <tropism/score/rank_rounds.hpp>

#include <algorithm>
#include <numeric>
#include <optional>

#include <tropism/base/error.hpp>
#include <tropism/comm/pending_rows.hpp>

namespace tropism::score {
namespace {

std::int64_t total(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

/// Part `i` of `parts` of [0, count).
comm::RowRange part_of(std::int64_t count, std::int64_t parts, std::int64_t i) {
  const std::int64_t first = count * i / parts;
  return {first, count * (i + 1) / parts - first};
}

/// As comm::begin_merge takes it: [L, sum e^2, sum e, pruned, sum e x], float64 [b, 4 + D].
torch::Tensor pack(const RatioState& state) {
  const auto pruned = state.pruned.defined() ? state.pruned : torch::zeros_like(state.weight);
  return torch::cat(
      {state.log_max.unsqueeze(1), torch::stack({state.squared_weight, state.weight, pruned}, 1),
       state.weighted_sum},
      1);
}

RatioState unpack(const torch::Tensor& packed) {
  const auto column = [&](std::int64_t i) { return packed.select(1, i).to(torch::kFloat32); };
  return {.log_max = packed.select(1, 0),
          .weight = column(2),
          .squared_weight = column(1),
          .weighted_sum = packed.narrow(1, 4, packed.size(1) - 4).to(torch::kFloat32),
          .pruned = column(3)};
}

/// The sums of each kind of weight under way.
class Merges {
 public:
  Merges(const comm::Communicator& comm, std::size_t kinds) : comm_(comm), parts_(kinds) {}

  void begin(const RatioState& state, const std::vector<std::int64_t>& counts) {
    pending_.push_back(comm::begin_merge(comm_, pack(state), counts));
  }

  /// Ends those of the round before.
  void end() {
    for (std::size_t kind = 0; kind < pending_.size(); ++kind)
      parts_[kind].push_back(pending_[kind].wait());
    pending_.clear();
  }

  void nudge() {
    for (auto& merge : pending_) merge.nudge();
  }

  [[nodiscard]] std::vector<RatioState> states() const {
    std::vector<RatioState> states;
    for (const auto& parts : parts_) states.push_back(unpack(torch::cat(parts)));
    return states;
  }

 private:
  const comm::Communicator& comm_;
  std::vector<std::vector<torch::Tensor>> parts_;  // by kind, by round
  std::vector<comm::PendingRows> pending_;         // by kind
};

}  // namespace

std::vector<QueryRound> deal_rounds(const std::vector<std::int64_t>& counts, int rank,
                                    std::int64_t most) {
  base::expects(most >= static_cast<std::int64_t>(counts.size()), "a query of each rank at least");
  const auto parts = std::max<std::int64_t>(1, (total(counts) + most - 1) / most);
  std::vector<QueryRound> rounds(static_cast<std::size_t>(parts));
  for (std::int64_t i = 0; i < parts; ++i) {
    auto& round = rounds[static_cast<std::size_t>(i)];
    std::vector<torch::Tensor> places;
    std::int64_t first = 0;
    for (const auto count : counts) {
      const auto part = part_of(count, parts, i);
      round.counts.push_back(part.count);
      places.push_back(torch::arange(first + part.first, first + part.first + part.count));
      first += count;
    }
    round.own = part_of(counts[static_cast<std::size_t>(rank)], parts, i);
    round.places = torch::cat(places);
  }
  return rounds;
}

std::vector<RatioState> sum_over_ranks(const comm::Communicator& comm, const torch::Tensor& own,
                                       const std::vector<QueryRound>& rounds,
                                       std::span<const Weights> weights,
                                       const StateOfRound& state_of) {
  const auto begin_gather = [&](const QueryRound& round) {
    return comm::begin_gather(comm, own.narrow(0, round.own.first, round.own.count).contiguous(),
                              round.counts);
  };
  Merges merges(comm, weights.size());
  auto gathered = begin_gather(rounds.front());
  for (std::size_t i = 0; i < rounds.size(); ++i) {
    const auto x = gathered.wait();
    const bool last = i + 1 == rounds.size();
    if (!last) gathered = begin_gather(rounds[i + 1]);
    std::vector<RatioState> states;
    for (const auto kind : weights) {
      states.push_back(state_of(x, i, kind));
      merges.nudge();
      if (!last) gathered.nudge();
    }
    merges.end();
    for (const auto& state : states) merges.begin(state, rounds[i].counts);
  }
  merges.end();
  return merges.states();
}

}  // namespace tropism::score
