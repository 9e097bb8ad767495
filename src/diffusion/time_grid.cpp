// SPDX-License-Identifier: MIT
#include <tropism/diffusion/time_grid.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

#include <tropism/base/error.hpp>

namespace tropism::diffusion {
namespace {

std::vector<double> uniform_times(int steps, double terminal_time) {
  std::vector<double> times;
  for (int k = 0; k <= steps; ++k) times.push_back(terminal_time * (steps - k) / steps);
  return times;
}

/// The t in [low, high] with sqrt(v_t)/a_t = rho, by bisection.
double time_of(const ForwardProcess& process, double rho, double low, double high) {
  for (double middle = 0.5 * (low + high); middle > low && middle < high;
       middle = 0.5 * (low + high))
    (process.noise_to_signal(middle) < rho ? low : high) = middle;
  return high;
}

/// T and K - 1 more times, the last of them the smallest, between which a power of the
/// noise-to-signal ratio, or its logarithm, falls in equal steps; then 0.
std::vector<double> times_of_noise(const TimeGridConfig& config, const ForwardProcess& process) {
  const double T = process.terminal_time(), smallest = T * config.smallest_time;
  const bool logarithm = config.kind == "log-snr";
  const auto to_scale = [&](double rho) {
    return logarithm ? std::log(rho) : std::pow(rho, 1.0 / config.rho);
  };
  const auto from_scale = [&](double x) {
    return logarithm ? std::exp(x) : std::pow(x, config.rho);
  };
  const double first = to_scale(process.noise_to_signal(T)),
               last = to_scale(process.noise_to_signal(smallest));
  std::vector<double> times = {T};
  for (int k = 1; k < config.steps - 1; ++k)
    times.push_back(
        time_of(process, from_scale(first + (last - first) * k / (config.steps - 1)), smallest, T));
  if (config.steps > 1) times.push_back(smallest);
  times.push_back(0.0);
  return times;
}

}  // namespace

TimeGrid::TimeGrid(std::vector<double> noise_times) : noise_times_(std::move(noise_times)) {
  base::expects(noise_times_.size() >= 2 && noise_times_.back() == 0.0,
                "at least one step, and noise time 0 at the end");
  const auto not_falling =  // `not >`, so that NaN does not pass
      std::adjacent_find(noise_times_.begin(), noise_times_.end(), std::not_fn(std::greater<>()));
  base::expects(not_falling == noise_times_.end(), "noise times that fall from step to step");
}

TimeGrid make_time_grid(const TimeGridConfig& config, const ForwardProcess& process) {
  config.validate();
  return TimeGrid(config.kind == "uniform" ? uniform_times(config.steps, process.terminal_time())
                                           : times_of_noise(config, process));
}

}  // namespace tropism::diffusion
