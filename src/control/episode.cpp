// SPDX-License-Identifier: MIT
#include <tropism/control/episode.hpp>

#include "steps.hpp"

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

torch::Tensor means_along(const Environment& environment, const Episode& episode,
                          const std::vector<PolicyRows>& policies) {
  const torch::NoGradGuard no_grad;
  const std::int64_t K = episode.states.size(0) - 1;
  const auto noise_time = steps_of(environment, episode).noise_time;
  const auto states = episode.states.narrow(0, 0, K);
  std::vector<torch::Tensor> means = {states.narrow(1, 0, 0)};  // a rank may have no rows
  for (const auto& policy : policies) {
    const auto y = states.narrow(1, policy.first, policy.count);
    const auto times = noise_time.expand({K, policy.count}).reshape(-1);
    means.push_back(policy.mean->score(y.flatten(0, 1), times).view(y.sizes()));
  }
  return torch::cat(means, 1);
}

}  // namespace tropism::control
