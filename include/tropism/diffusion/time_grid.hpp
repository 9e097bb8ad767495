// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include <tropism/diffusion/diffusion_config.hpp>

namespace tropism::diffusion {

/// K steps of the reverse process, from noise time T (k = 0) to 0 (k = K).
class TimeGrid {
 public:
  /// @param noise_times   T = tau_0 > tau_1 > ... > tau_K = 0
  explicit TimeGrid(std::vector<double> noise_times);

  [[nodiscard]] std::int64_t steps() const {
    return static_cast<std::int64_t>(noise_times_.size()) - 1;
  }
  [[nodiscard]] double noise_time(std::int64_t k) const {
    return noise_times_.at(static_cast<std::size_t>(k));
  }
  [[nodiscard]] double step_size(std::int64_t k) const { return noise_time(k) - noise_time(k + 1); }

 private:
  std::vector<double> noise_times_;
};

/// K equal steps. @throws ConfigError   for a kind or a number of steps that makes no sense
[[nodiscard]] TimeGrid make_time_grid(const TimeGridConfig& config, double terminal_time);

}  // namespace tropism::diffusion
