// SPDX-License-Identifier: MIT
#include "policy_means.hpp"

#include <tropism/score/score_function.hpp>

namespace tropism::control {

torch::Tensor policy_means(const std::vector<PolicyRows>& policies, const torch::Tensor& y,
                           double noise_time) {
  const auto times = score::time_of_all(y, noise_time);
  if (policies.size() == 1) return policies.front().mean->score(y, times);
  std::vector<torch::Tensor> means = {y.narrow(0, 0, 0)};
  for (const auto& policy : policies)
    means.push_back(policy.mean->score(y.narrow(0, policy.first, policy.count),
                                       times.narrow(0, policy.first, policy.count)));
  return torch::cat(means);
}

}  // namespace tropism::control
