// SPDX-License-Identifier: MIT
#include <tropism/control/grouped_rewards.hpp>

#include <map>

namespace tropism::control {

GroupedRewards joined(const GroupedRewards& a, const GroupedRewards& b) {
  return {torch::cat({a.rewards.to(torch::kFloat64), b.rewards.to(torch::kFloat64)}),
          torch::cat({a.groups, b.groups})};
}

GroupedRewards latest_of_each_group(const GroupedRewards& all, std::int64_t most) {
  const auto groups = all.groups.contiguous();
  const auto* group = groups.data_ptr<std::int64_t>();
  auto kept = torch::zeros({groups.size(0)}, torch::kBool);
  auto* keep = kept.data_ptr<bool>();
  std::map<std::int64_t, std::int64_t> counts;
  for (std::int64_t i = groups.size(0); i-- > 0;) keep[i] = counts[group[i]]++ < most;
  return {all.rewards.masked_select(kept), groups.masked_select(kept)};
}

}  // namespace tropism::control
