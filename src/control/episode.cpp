// SPDX-License-Identifier: MIT
#include <tropism/control/episode.hpp>

namespace tropism::control {

Episode Episode::rows(std::int64_t first, std::int64_t count) const {
  const auto part = [&](const torch::Tensor& t) {
    return t.defined() ? t.narrow(1, first, count) : t;
  };
  Episode result;
  result.states = part(states);
  result.actions = part(actions);
  result.means = part(means);
  result.scores = part(scores);
  result.score_noise = part(score_noise);
  result.log_tilt = part(log_tilt);
  result.tilt_gradient = part(tilt_gradient);
  result.first_step = first_step;
  for (const auto of_trajectories :
       {&Episode::next_log_tilt, &Episode::rewards, &Episode::effective_sample_size})
    if ((this->*of_trajectories).defined())
      result.*of_trajectories = (this->*of_trajectories).narrow(0, first, count);
  return result;
}

}  // namespace tropism::control
