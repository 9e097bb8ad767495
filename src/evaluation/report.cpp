// SPDX-License-Identifier: MIT
#include <tropism/evaluation/report.hpp>

#include <algorithm>

#include <tropism/base/error.hpp>

#include "compared_distances.hpp"
#include "compared_sets.hpp"
#include "report_notes.hpp"

namespace tropism::evaluation {
namespace {

void compare_rewards(const ComparedSet& samples, const ComparedSet& data, double beta,
                     GroupReport& group) {
  if (!samples.rewards || samples.count() == 0 || data.count() == 0) return;
  const double sampled = *group.samples.reward->moments.mean;
  const double in_data = *group.data.reward->moments.mean;
  group.floor = least_divergence(*data.rewards, sampled);
  if (beta <= 0.0) return;
  group.tilt = exact_tilt(*data.rewards, beta);
  group.share_reached = share_reached(sampled, in_data, group.tilt->mean_reward);
}

GroupReport compare(const ComparedSet& samples, const ComparedSet& data, double spread,
                    const ReportConfig& config) {
  GroupReport group;
  group.samples = summarise_set(samples);
  group.data = summarise_set(data);
  if (config.wants("kl"))
    group.divergence = estimate_matched_divergence(samples.scaled, data.scaled, config.neighbours,
                                                   config.batches, config.divergence_form());
  group.distances = compare_distances(samples.scaled, data.scaled, config);
  if (samples.count() > 0) group.duplicates = count_duplicates(samples.raw);
  if (config.wants("memorisation"))
    group.nearest = memorisation(samples.nearest_data, data.nearest_data, spread);
  compare_rewards(samples, data, config.reward.beta, group);
  return group;
}

std::optional<Agreement> agreement_of(const ComparedSet& set, const ComparedSet& data) {
  const bool comparable = set.label && data.label && set.nearest_data.index.size(0) == set.count();
  if (!comparable) return std::nullopt;
  return label_agreement(set.nearest_data, *set.label, *data.label).overall;
}

/// Neighbours refer to rows of the whole data, also where `samples` and `part` are those of one
/// label.
void compare_labels(const ComparedSet& samples, const ComparedSet& part, const ComparedSet& data,
                    const ReportConfig& config, GroupReport& group) {
  if (!config.wants("labels")) return;
  group.agreement = agreement_of(samples, data);
  group.data_agreement = agreement_of(part, data);
}

std::vector<std::int64_t> labels_in(const ComparedSet& samples) {
  if (!samples.label) return {};
  const auto labels = std::get<0>(at::_unique(*samples.label, /*sorted=*/true)).contiguous();
  const auto* values = labels.data_ptr<std::int64_t>();
  return {values, values + labels.numel()};
}

/// A conditional model tilts each label's rows by themselves: the tilt of all samples is the mean
/// of theirs, each weighing as much as it has samples. Their divergence is then a conditional one.
void tilt_by_label(Report& report) {
  Tilt whole{};
  double in_data = 0.0;
  const auto total = static_cast<double>(report.all.samples.count);
  for (const auto& group : report.conditions) {
    if (!group.tilt) return;
    const double share = static_cast<double>(group.samples.count) / total;
    whole.beta = group.tilt->beta;
    whole.mean_reward += share * group.tilt->mean_reward;
    whole.divergence += share * group.tilt->divergence;
    whole.effective_rows += group.tilt->effective_rows;
    in_data += share * *group.data.reward->moments.mean;
  }
  if (report.conditions.empty()) return;
  report.all.tilt = whole;
  report.all.share_reached =
      share_reached(*report.all.samples.reward->moments.mean, in_data, whole.mean_reward);
}

void expect_comparable(const Points& samples, const data::Dataset& data) {
  base::expects(samples.x.dim() == 2 && samples.x.size(1) == data.dimension(),
                "samples [N, D] of the data's dimension D");
  base::expects(samples.x.size(0) > 0 && data.rows() > 0, "samples and data with rows");
  base::expects(data.rows() == data.total_rows, "all rows of the data");
}

void expect_enough(std::int64_t samples, std::int64_t data, const Batches& batches) {
  const auto needed = batches.count * std::min(batches.rows, data);
  if (samples >= needed) return;
  throw base::ConfigError(std::to_string(batches.count) + " batches of " +
                          std::to_string(batches.rows) + " points need " + std::to_string(needed) +
                          " samples, but there are " + std::to_string(samples) +
                          ": draw more, or ask for fewer batches.");
}

}  // namespace

Report make_report(const Points& samples, const data::Dataset& data, const ReportConfig& config) {
  config.validate();
  expect_comparable(samples, data);
  expect_enough(samples.x.size(0), data.rows(), config.batches);
  const auto data_set = compared_data(data, config);
  const auto sample_set = compared_samples(samples, data, config);
  const double spread = spread_of(data.x);
  Report report{data.dimension(), config, {}, {}, {}};
  report.all = compare(sample_set, data_set, spread, config);
  compare_labels(sample_set, data_set, data_set, config, report.all);
  for (const auto label : labels_in(sample_set)) {
    const auto some_samples = sample_set.rows_with_label(label);
    const auto some_data = data_set.rows_with_label(label);
    auto group = compare(some_samples, some_data, spread, config);
    compare_labels(some_samples, some_data, data_set, config, group);
    group.label = label;
    report.conditions.push_back(group);
  }
  tilt_by_label(report);
  report.notes = notes_on(report);
  return report;
}

}  // namespace tropism::evaluation
