// SPDX-License-Identifier: MIT
#include "compared_sets.hpp"

#include <tropism/base/error.hpp>

namespace tropism::evaluation {
namespace {

constexpr std::int64_t most_listed_columns = 16;

std::optional<torch::Tensor> select(const std::optional<torch::Tensor>& values,
                                    const torch::Tensor& index) {
  if (!values) return std::nullopt;
  return values->index_select(0, index);
}

std::optional<torch::Tensor> rewards_of_set(const ComparedSet& set, const ReportConfig& config) {
  if (config.reward.kind == "none" || !config.wants("reward")) return std::nullopt;
  const auto reward = reward::make_reward(config.reward, set.raw.size(1));
  return rewards_of(*reward, config.reward.units == "scaled" ? set.scaled : set.raw);
}

bool wants_neighbours(const ReportConfig& config) {
  return config.wants("labels") || config.wants("memorisation");
}

Neighbours no_neighbours() {
  return {torch::empty({0, 1}, torch::kFloat64), torch::empty({0, 1}, torch::kInt64)};
}

std::vector<double> listed(const torch::Tensor& columns) {
  const auto* values = columns.data_ptr<double>();
  return {values, values + columns.numel()};
}

void list_columns(const torch::Tensor& x, SetSummary& summary) {
  if (x.size(1) > most_listed_columns || x.size(0) == 0) return;
  summary.column_mean = listed(x.mean(0).contiguous());
  if (x.size(0) > 1) summary.column_sd = listed(x.std(0, /*unbiased=*/true).contiguous());
}

}  // namespace

ComparedSet ComparedSet::rows(const torch::Tensor& index) const {
  ComparedSet part{raw.index_select(0, index), scaled.index_select(0, index), select(label, index),
                   select(rewards, index), nearest_data};
  if (nearest_data.index.size(0) != count()) return part;  // a single row has no others
  part.nearest_data = {nearest_data.distance.index_select(0, index),
                       nearest_data.index.index_select(0, index)};
  return part;
}

ComparedSet ComparedSet::rows_with_label(std::int64_t wanted) const {
  const auto none = torch::empty({0}, torch::kInt64);
  return rows(label ? label->eq(wanted).nonzero().flatten() : none);
}

ComparedSet compared_data(const data::Dataset& data, const ReportConfig& config) {
  ComparedSet set{data.scaling.undo(data.x), data.x, data.label, std::nullopt, no_neighbours()};
  if (wants_neighbours(config) && data.rows() > 1) set.nearest_data = nearest_other_rows(data.x, 1);
  set.rewards = rewards_of_set(set, config);
  return set;
}

ComparedSet compared_samples(const Points& samples, const data::Dataset& data,
                             const ReportConfig& config) {
  const auto raw = samples.x.to(torch::kCPU, torch::kFloat32);
  const auto scaled = data.scaling.apply(raw);
  ComparedSet set{raw, scaled, samples.label, std::nullopt, no_neighbours()};
  if (wants_neighbours(config)) set.nearest_data = nearest_neighbours(scaled, data.x, 1);
  set.rewards = rewards_of_set(set, config);
  return set;
}

SetSummary summarise_set(const ComparedSet& set) {
  const auto x = set.raw.to(torch::kFloat64);
  SetSummary summary;
  summary.count = set.count();
  summary.intensity = moments_of(x.mean(1));
  summary.intensity_scaled = moments_of(set.scaled).mean;
  summary.sd = moments_of(x).sd;
  list_columns(x, summary);
  if (set.rewards) summary.reward = summarise_rewards(*set.rewards);
  return summary;
}

}  // namespace tropism::evaluation
