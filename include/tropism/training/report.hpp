// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>

namespace tropism::training {

/// Seconds spent since the last report, on the reporting rank.
struct TimeSplit {
  double rollout = 0.0;  // simulating, without the score
  double score = 0.0;    // observing the score
  double learn = 0.0;    // losses and their gradients
  double reduce = 0.0;   // summing gradients, stepping, spreading weights
  double io = 0.0;       // checkpoints and metrics
};

/// What policy gradients tell besides.
struct PolicyGradientReport {
  double ratio_mean = 1.0;     // 1 before the first update of an episode
  double clipped_share = 0.0;  // of the steps, in [0, 1]
  double kl = 0.0;             // of a trajectory from the pretrained policy; 0 without one
  double advantage_deviation = 0.0;
};

/// One line of metrics.jsonl, about the latest episode.
struct Report {
  std::int64_t step = 0;          // episodes done
  std::int64_t samples_seen = 0;  // trajectories so far
  double seconds = 0.0;           // of training, over all starts
  double episodes_per_second = 0.0;
  double policy_loss = 0.0;
  double value_loss = 0.0;
  double reward_mean = 0.0;
  double reward_standard_error = 0.0;
  double policy_norm = 0.0;    // mean |mu| along the trajectories
  double gradient_norm = 0.0;  // of the summed gradient, before clipping
  double effective_sample_size = 0.0;
  std::int64_t floor_activations = 0;
  double pruned_share = 0.0;           // no more of the weight behind any score was left out
  double peak_memory_megabytes = 0.0;  // of the rank that had most so far, 10^6 bytes
  double learning_rate = 0.0;
  TimeSplit time;
  std::optional<PolicyGradientReport> policy_gradient;
};

[[nodiscard]] nlohmann::json to_json(const Report& report);

/// What each trajectory of an episode says, [B, 5] float64: reward, policy loss, value loss, |mu|,
/// effective sample size; with policy gradients [B, 9]. Gathered in trajectory order, so that means
/// do not depend on the ranks.
enum TrajectoryColumn : std::int64_t {
  reward = 0,
  policy_loss,
  value_loss,
  policy_norm,
  sample_size,
  num_columns,
  ratio = num_columns,
  clipped,
  divergence,
  advantage,
  num_columns_of_policy_gradient
};

/// Fills the means of a report from the rows of all trajectories.
void summarise_trajectories(const torch::Tensor& rows, Report& report);

}  // namespace tropism::training
