// SPDX-License-Identifier: MIT
// The estimate over the rows of all ranks: seconds measured and predicted, with and without overlap
// of communication and computation. For instance mpirun -n 2
// build/release/benchmark/benchmark_ranks
#include <torch/types.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "slowest_time.hpp"

#include <tropism/base/random.hpp>
#include <tropism/comm/launch.hpp>
#include <tropism/comm/pending_rows.hpp>
#include <tropism/score/rank_rounds.hpp>

namespace {

using namespace tropism;
using benchmark::slowest_best_time;

constexpr score::NoiseLevel noise = {0.6, 0.64};
constexpr std::int64_t bytes_of_query = 4, bytes_of_sum = 8;  // per number

torch::Tensor points(std::int64_t rows, std::int64_t dimension, std::int64_t first) {
  return base::RandomStream(1, base::Purpose::evaluation).normal(first, 0, rows, dimension);
}

/// What a collective costs: latency, and seconds per byte received.
struct Network {
  double latency = 0.0, per_byte = 0.0;
};

Network measure_network(const comm::Communicator& comm) {
  if (comm.size() == 1) return {};
  const auto seconds = [&](std::int64_t rows) {
    const std::vector<std::int64_t> counts(static_cast<std::size_t>(comm.size()), rows);
    const auto x = torch::zeros({rows, 64});
    return slowest_best_time(comm, [&] { (void)comm::begin_gather(comm, x, counts).wait(); });
  };
  const double small = seconds(1), large = seconds(16384);
  return {small, (large - small) / static_cast<double>((comm.size() - 1) * 16384 * 64 * 4)};
}

/// One problem: rows and queries in equal shares on all ranks.
class Problem {
 public:
  Problem(const comm::Communicator& comm, std::int64_t rows, std::int64_t queries, std::int64_t D)
      : comm_(comm),
        queries_(queries / comm.size()),
        rows_(rows / comm.size()),
        x_(points(queries_, D, comm.rank() * queries_)),
        block_(score::DataBlock::make(points(rows_, D, 1000000 + comm.rank() * rows_), {})),
        counts_(static_cast<std::size_t>(comm.size()), queries_) {}

  [[nodiscard]] double seconds_of_kernel() const {
    const auto all = points(queries_ * comm_.size(), x_.size(1), 0);
    return slowest_best_time(comm_, [&] { (void)state_of(all); });
  }

  [[nodiscard]] double seconds(const std::vector<score::QueryRound>& rounds) const {
    static constexpr score::Weights weights[] = {score::Weights::none};
    const auto state = [&](const torch::Tensor& x, std::size_t, score::Weights) {
      return state_of(x);
    };
    return slowest_best_time(
        comm_, [&] { (void)score::sum_over_ranks(comm_, x_, rounds, weights, state); });
  }

  [[nodiscard]] std::vector<score::QueryRound> rounds() const {
    return score::deal_rounds(counts_, comm_.rank(),
                              std::max<std::int64_t>(comm_.size(), queries_ * comm_.size() / 2));
  }
  [[nodiscard]] std::vector<score::QueryRound> one_round() const {
    return {{{0, queries_}, counts_, torch::arange(queries_ * comm_.size())}};
  }

  /// Every rank compares all queries with its rows; queries travel to all, sums to their owners.
  [[nodiscard]] double predicted(const Network& network, double kernel, std::size_t rounds) const {
    const auto others = static_cast<double>((comm_.size() - 1) * queries_);
    const auto D = static_cast<double>(x_.size(1));
    const double bytes = others * (bytes_of_query * D + bytes_of_sum * (4.0 + D));
    return kernel + 2.0 * network.latency * static_cast<double>(rounds) + bytes * network.per_byte;
  }

 private:
  [[nodiscard]] score::RatioState state_of(const torch::Tensor& x) const {
    return score::ratio_state(x, block_, noise, score::Weights::none);
  }

  const comm::Communicator& comm_;
  std::int64_t queries_, rows_;
  torch::Tensor x_;
  score::DataBlock block_;
  std::vector<std::int64_t> counts_;
};

nlohmann::ordered_json measure(const comm::Communicator& comm, const Network& network,
                               std::int64_t rows, std::int64_t queries, std::int64_t dimension) {
  const Problem problem(comm, rows, queries, dimension);
  const auto rounds = problem.rounds();
  const double kernel = problem.seconds_of_kernel(), overlapped = problem.seconds(rounds),
               plain = problem.seconds(problem.one_round());
  return {{"benchmark", "ranks"},
          {"ranks", comm.size()},
          {"dimension", dimension},
          {"rows", rows},
          {"queries", queries},
          {"rounds", rounds.size()},
          {"million_pairs_per_second", static_cast<double>(rows * queries) / overlapped / 1e6},
          {"seconds", overlapped},
          {"seconds_in_one_round", plain},
          {"seconds_of_kernel", kernel},
          {"predicted_seconds", problem.predicted(network, kernel, rounds.size())},
          {"latency_seconds", network.latency},
          {"seconds_per_byte", network.per_byte}};
}

base::ExitStatus run(const comm::Communicator& comm) {
  const torch::NoGradGuard no_grad;
  const auto network = measure_network(comm);
  for (const std::int64_t dimension : {2, 64})
    for (const std::int64_t rows : {300, 16384, 262144})
      for (const std::int64_t queries : {300, 4096}) {
        if (rows * queries * dimension > std::int64_t{1} << 33) continue;  // minutes
        const auto line = measure(comm, network, rows, queries, dimension);
        if (comm.is_root()) std::cout << line << std::endl;
      }
  return base::ExitStatus::done;
}

}  // namespace

int main(int argc, char** argv) {
  return comm::launch(argc, argv, run);
}
