// SPDX-License-Identifier: MIT
#include <tropism/evaluation/reward_summary.hpp>

#include <string>
#include <vector>

#include <tropism/base/error.hpp>
#include <tropism/reward/reward.hpp>

namespace tropism::evaluation {
namespace {

constexpr std::int64_t rows_per_block = 4096;

void refuse_infinite(const torch::Tensor& rewards) {
  const auto bad = rewards.isfinite().logical_not().nonzero();
  if (bad.size(0) == 0) return;
  throw base::NumericalError("The reward of row " + std::to_string(bad[0][0].item<std::int64_t>()) +
                             " is not finite (" + std::to_string(bad.size(0)) + " of " +
                             std::to_string(rewards.size(0)) +
                             " rows). A reward must be finite for finite points.");
}

}  // namespace

torch::Tensor rewards_of(const reward::Reward& reward, const torch::Tensor& x) {
  const at::NoGradGuard no_gradient;
  std::vector<torch::Tensor> blocks = {torch::empty({0}, torch::kFloat64)};
  if (x.size(0) > 0) {
    for (const auto& rows : x.split(rows_per_block, 0)) {
      blocks.push_back(reward.evaluate(rows).to(torch::kCPU, torch::kFloat64));
    }
  }
  const auto rewards = torch::cat(blocks);
  refuse_infinite(rewards);
  return rewards;
}

RewardSummary summarise_rewards(const torch::Tensor& rewards) {
  const auto positive = rewards.gt(0).to(torch::kFloat64);
  return {moments_of(rewards), moments_of(positive).mean};
}

}  // namespace tropism::evaluation
