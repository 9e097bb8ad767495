// SPDX-License-Identifier: MIT
#include "advantages.hpp"

#include <cmath>
#include <map>

namespace tropism::control {
namespace {

struct Moments {
  double count = 0.0, sum = 0.0, sum_of_squares = 0.0;
  [[nodiscard]] double mean() const { return sum / count; }
  [[nodiscard]] double deviation() const {
    return std::sqrt(std::max(sum_of_squares / count, 0.0));
  }
};

/// In the order of the trajectories, so that the ranks agree to the last bit.
torch::Tensor by_group(const torch::Tensor& rewards, const torch::Tensor& groups, bool divide) {
  const auto h = rewards.to(torch::kFloat64).contiguous();
  const auto g = groups.contiguous();
  const auto* reward = h.data_ptr<double>();
  const auto* group = g.data_ptr<std::int64_t>();
  const std::int64_t count = h.size(0);
  std::map<std::int64_t, Moments> moments;
  for (std::int64_t i = 0; i < count; ++i) {
    auto& of_group = moments[group[i]];
    of_group.count += 1.0;
    of_group.sum += reward[i];
  }
  for (std::int64_t i = 0; i < count; ++i) {
    auto& of_group = moments[group[i]];
    of_group.sum_of_squares += std::pow(reward[i] - of_group.mean(), 2);
  }
  auto result = torch::zeros({count}, torch::kFloat64);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto& of_group = moments[group[i]];
    const double difference = reward[i] - of_group.mean();
    const double scale = divide ? of_group.deviation() : 1.0;
    result[i] = scale > 0.0 ? difference / scale : 0.0;
  }
  return result.to(torch::kFloat32);
}

}  // namespace

torch::Tensor centred(const torch::Tensor& rewards, const torch::Tensor& groups) {
  return by_group(rewards, groups, false);
}

torch::Tensor standardised(const torch::Tensor& rewards, const torch::Tensor& groups,
                           double limit) {
  return by_group(rewards, groups, true).clamp(-limit, limit);
}

}  // namespace tropism::control
