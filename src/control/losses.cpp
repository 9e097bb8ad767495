// SPDX-License-Identifier: MIT
#include <tropism/base/error.hpp>
#include <tropism/control/losses.hpp>

namespace tropism::control {

torch::Tensor StepSubset::of(const torch::Tensor& steps) const {
  return steps.defined() && stride > 1 ? steps.slice(0, first, steps.size(0), stride) : steps;
}

void StepSubset::expect_within(std::int64_t steps) const {
  base::expects(stride >= 1, "a stride of at least one step");
  base::expects(first >= 0 && first < steps, "a first step that the episode has");
}

torch::Tensor Losses::policy_per_trajectory() const {
  return policy_terms.to(torch::kFloat64).sum(0) * scale;
}

torch::Tensor Losses::value_per_trajectory() const {
  return value_terms.defined() ? value_terms.to(torch::kFloat64).sum(0) * scale
                               : torch::zeros({policy_terms.size(1)}, torch::kFloat64);
}

torch::Tensor Losses::policy_norm() const {
  return means.norm(2, 2).to(torch::kFloat64).mean(0);
}

Losses in_sequence(const std::vector<Losses>& steps) {
  const auto joined = [&](torch::Tensor Losses::*part) {
    std::vector<torch::Tensor> parts;
    for (const auto& step : steps) parts.push_back(step.*part);
    return parts.front().defined() ? torch::cat(parts) : torch::Tensor();
  };
  Losses all;
  all.policy_terms = joined(&Losses::policy_terms);
  all.value_terms = joined(&Losses::value_terms);
  all.means = joined(&Losses::means);
  all.scale = steps.front().scale;
  return all;
}

}  // namespace tropism::control
