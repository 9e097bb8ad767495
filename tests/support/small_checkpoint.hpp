// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <tropism/training/checkpoint.hpp>

#include "support/tensors.hpp"

namespace tropism::test {

/// Tensors of two networks; another `set` holds other numbers.
inline training::Checkpoint::Named small_networks(std::int64_t set) {
  return {{"policy.layer0.bias", normal_points(1, 4, set).squeeze(0)},
          {"policy.layer0.weight", normal_points(4, 3, set + 1)},
          {"value.layer0.weight", normal_points(1, 3, set + 2)}};
}

/// A checkpoint in which no two things are the same.
inline training::Checkpoint small_checkpoint(std::int64_t step = 12) {
  training::Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.optimizer_steps = 2 * step;
  checkpoint.samples_seen = 100 * step;
  checkpoint.seed = 8;
  checkpoint.wall_seconds = 1.0 / 3.0;
  checkpoint.config = "[run]\ndirectory = \"a \\\"b\\\"\"\n";
  checkpoint.data.rows = 40;
  checkpoint.data.shape = {3};
  checkpoint.data.moments = {normal_points(1, 3, 5).squeeze(0), 0.7};
  checkpoint.data.label_values = {2, 5};
  checkpoint.data.label_counts = {30, 10};
  checkpoint.data.contexts = {
      normal_points(40, 2, 6), normal_points(1, 2, 7).squeeze(0), normal_points(1, 2, 8).squeeze(0),
      normal_points(1, 2, 9).squeeze(0).to(torch::kFloat64), torch::ones({2}, torch::kFloat64)};
  checkpoint.parameters = small_networks(100);
  checkpoint.policy_average = {{"policy.layer0.bias", normal_points(1, 4, 200).squeeze(0)},
                               {"policy.layer0.weight", normal_points(4, 3, 201)}};
  checkpoint.first_moment = small_networks(300);
  checkpoint.second_moment = small_networks(400);
  checkpoint.earlier_rewards = {normal_points(1, 6, 500).squeeze(0).to(torch::kFloat64),
                                torch::tensor({3, 0, 0, 3, 1, 0}, torch::kInt64)};
  checkpoint.provenance = {{"ranks", "2"}, {"torch", "1.13.1"}};
  return checkpoint;
}

inline bool same_tensors(const training::Checkpoint::Named& a,
                         const training::Checkpoint::Named& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](const auto& left, const auto& right) {
           return left.first == right.first && left.second.equal(right.second);
         });
}

inline bool same_contexts(const std::optional<training::ContextSummary>& a,
                          const std::optional<training::ContextSummary>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->kept.equal(b->kept) && a->low.equal(b->low) && a->high.equal(b->high) &&
         a->mean.equal(b->mean) && a->sd.equal(b->sd);
}

inline bool same_data(const training::DataSummary& a, const training::DataSummary& b) {
  return a.rows == b.rows && a.shape == b.shape && a.moments.mean.equal(b.moments.mean) &&
         a.moments.variance == b.moments.variance && a.label_values == b.label_values &&
         a.label_counts == b.label_counts && a.scaling.kind == b.scaling.kind &&
         same_contexts(a.contexts, b.contexts);
}

/// Whether two checkpoints agree in everything, to the last bit.
inline bool same_checkpoints(const training::Checkpoint& a, const training::Checkpoint& b) {
  return a.step == b.step && a.optimizer_steps == b.optimizer_steps &&
         a.samples_seen == b.samples_seen && a.seed == b.seed && a.wall_seconds == b.wall_seconds &&
         a.config == b.config && a.provenance == b.provenance && same_data(a.data, b.data) &&
         same_tensors(a.parameters, b.parameters) &&
         same_tensors(a.policy_average, b.policy_average) &&
         same_tensors(a.first_moment, b.first_moment) &&
         same_tensors(a.second_moment, b.second_moment) &&
         a.earlier_rewards.rewards.equal(b.earlier_rewards.rewards) &&
         a.earlier_rewards.groups.equal(b.earlier_rewards.groups);
}

}  // namespace tropism::test
