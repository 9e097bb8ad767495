// SPDX-License-Identifier: MIT
#include "advantages.hpp"

#include <algorithm>
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

/// Of each group; in the order of the trajectories, so that the ranks agree to the last bit.
std::map<std::int64_t, Moments> moments_of(const GroupedRewards& all) {
  const auto rewards = all.rewards.to(torch::kFloat64).contiguous();
  const auto groups = all.groups.contiguous();
  const auto* reward = rewards.data_ptr<double>();
  const auto* group = groups.data_ptr<std::int64_t>();
  std::map<std::int64_t, Moments> moments;
  for (std::int64_t i = 0; i < groups.size(0); ++i) {
    moments[group[i]].count += 1.0;
    moments[group[i]].sum += reward[i];
  }
  for (std::int64_t i = 0; i < groups.size(0); ++i) {
    auto& of_group = moments[group[i]];
    of_group.sum_of_squares += std::pow(reward[i] - of_group.mean(), 2);
  }
  return moments;
}

/// One number of each trajectory, from its reward and the moments of its group, [N].
template <class Value>
torch::Tensor by_trajectory(const GroupedRewards& batch,
                            const std::map<std::int64_t, Moments>& moments, Value&& value) {
  auto result = batch.rewards.to(torch::kFloat64).clone();
  const auto groups = batch.groups.contiguous();
  auto* number = result.data_ptr<double>();
  const auto* group = groups.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < groups.size(0); ++i)
    number[i] = value(number[i], moments.at(group[i]));
  return result.to(torch::kFloat32);
}

}  // namespace

torch::Tensor centred(const GroupedRewards& batch) {
  return by_trajectory(batch, moments_of(batch),
                       [](double h, const Moments& of_group) { return h - of_group.mean(); });
}

torch::Tensor standardised(const GroupedRewards& batch, const GroupedRewards& earlier,
                           double limit) {
  const auto moments = moments_of(joined(earlier, batch));
  return by_trajectory(batch, moments, [limit](double h, const Moments& of_group) {
    const double scale = of_group.deviation();
    return scale > 0.0 ? std::clamp((h - of_group.mean()) / scale, -limit, limit) : 0.0;
  });
}

}  // namespace tropism::control
