// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include <tropism/comm/collectives.hpp>

namespace tropism::benchmark {

/// Seconds of `calls` runs that all ranks make together, as the slowest rank saw them.
template <class Run>
double slowest_time(const comm::Communicator& comm, int calls, Run&& run) {
  comm.barrier();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) run();
  const std::chrono::duration<double> mine = std::chrono::steady_clock::now() - start;
  auto seconds = torch::full({1}, mine.count(), torch::kFloat64);
  comm::all_reduce_max(comm, seconds);
  return seconds.item<double>();
}

/// The least time of one run.
template <class Run>
double slowest_best_time(const comm::Communicator& comm, Run&& run) {
  slowest_time(comm, 1, run);  // warms up
  const int calls = std::clamp(static_cast<int>(0.02 / slowest_time(comm, 1, run)), 1, 1000);
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 10; ++i) best = std::min(best, slowest_time(comm, calls, run) / calls);
  return best;
}

}  // namespace tropism::benchmark
