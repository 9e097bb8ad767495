// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include <tropism/diffusion/diffusion_config.hpp>
#include <tropism/diffusion/forward_process.hpp>

namespace tropism::diffusion {

/// One step of the reverse process: from a noise time down to another, from > to >= 0.
struct Step {
  double from;
  double to;
  [[nodiscard]] double size() const { return from - to; }
};

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
  /// From noise time k to noise time k + 1.
  [[nodiscard]] Step step(std::int64_t k) const { return {noise_time(k), noise_time(k + 1)}; }
  [[nodiscard]] double step_size(std::int64_t k) const { return noise_time(k) - noise_time(k + 1); }

 private:
  std::vector<double> noise_times_;
};

/// uniform: K equal steps. The others take K - 1 steps down to a smallest noise time and the last
/// one from there to 0, equal steps of
///   log-snr   log(a_t/sqrt v_t)
///   karras    (sqrt v_t/a_t)^{1/rho}   [Karras et al. 2022, eq. (5)]
/// @throws ConfigError   for a kind or a number that makes no sense
[[nodiscard]] TimeGrid make_time_grid(const TimeGridConfig& config, const ForwardProcess& process);

}  // namespace tropism::diffusion
