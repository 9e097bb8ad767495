// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

namespace tropism::benchmark {

/// Seconds of one call: the least of many rounds of about 20 ms each, over half a second in all.
/// The least is what the machine can do; whatever else runs on it only adds.
template <class Action>
double best_time(Action action) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_of = [&](int calls) {
    const auto start = Clock::now();
    for (int i = 0; i < calls; ++i) action();
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  seconds_of(1);  // warms caches and allocator
  const int calls = std::clamp(static_cast<int>(0.02 / seconds_of(1)), 1, 100000);
  double best = std::numeric_limits<double>::infinity(), spent = 0.0;
  for (int round = 0; round < 5 || spent < 0.5; ++round) {
    const double seconds = seconds_of(calls);
    best = std::min(best, seconds / calls);
    spent += seconds;
  }
  return best;
}

/// The least of the times that an action took.
class Stopwatch {
 public:
  template <class Action>
  void time(Action action) {
    const auto start = Clock::now();
    action();
    least_ = std::min(least_, std::chrono::duration<double>(Clock::now() - start).count());
  }
  [[nodiscard]] double least() const { return least_; }

 private:
  using Clock = std::chrono::steady_clock;
  double least_ = std::numeric_limits<double>::infinity();
};

}  // namespace tropism::benchmark
