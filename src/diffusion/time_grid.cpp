// SPDX-License-Identifier: MIT
#include <tropism/diffusion/time_grid.hpp>

#include <algorithm>
#include <functional>

#include <tropism/base/error.hpp>

namespace tropism::diffusion {

TimeGrid::TimeGrid(std::vector<double> noise_times) : noise_times_(std::move(noise_times)) {
  base::expects(noise_times_.size() >= 2 && noise_times_.back() == 0.0,
                "at least one step, and noise time 0 at the end");
  const auto not_falling =  // `not >`, so that NaN does not pass
      std::adjacent_find(noise_times_.begin(), noise_times_.end(), std::not_fn(std::greater<>()));
  base::expects(not_falling == noise_times_.end(), "noise times that fall from step to step");
}

TimeGrid make_time_grid(const TimeGridConfig& config, double terminal_time) {
  config.validate();
  std::vector<double> noise_times;
  for (int k = 0; k <= config.steps; ++k)
    noise_times.push_back(terminal_time * (config.steps - k) / config.steps);
  return TimeGrid(std::move(noise_times));
}

}  // namespace tropism::diffusion
