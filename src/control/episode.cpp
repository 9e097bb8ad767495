// SPDX-License-Identifier: MIT
#include <tropism/control/episode.hpp>

#include "policy_means.hpp"

namespace tropism::control {

Episode Episode::rows(std::int64_t first, std::int64_t count) const {
  if (first == 0 && count == states.size(1)) return *this;
  const auto part = [&](const torch::Tensor& t) {
    return t.defined() ? t.narrow(1, first, count) : t;
  };
  Episode result;
  result.states = part(states);
  result.actions = part(actions);
  result.means = part(means);
  result.scores = part(scores);
  result.reference_means = part(reference_means);
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

// Step by step, as the roll-out: whatever a pass needs beside its result is of one step alone.
torch::Tensor means_along(const Environment& environment, const Episode& episode,
                          const std::vector<PolicyRows>& policies) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> means;
  for (std::int64_t k = 0; k + 1 < episode.states.size(0); ++k)
    means.push_back(policy_means(policies, episode.states[k],
                                 environment.grid.noise_time(episode.first_step + k)));
  return torch::stack(means);
}

}  // namespace tropism::control
