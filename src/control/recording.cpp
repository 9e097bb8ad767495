// SPDX-License-Identifier: MIT
#include "recording.hpp"

#include <algorithm>
#include <chrono>

#include <tropism/base/elementwise.hpp>

namespace tropism::control {
namespace {

using Clock = std::chrono::steady_clock;

/// [K, B, ...]; undefined if nothing was noted.
torch::Tensor stacked(const std::vector<torch::Tensor>& steps) {
  return steps.empty() ? torch::Tensor() : base::stacked(steps);
}

/// The earliest, [1, B, ...], which is given up; undefined if nothing was noted.
torch::Tensor taken(std::vector<torch::Tensor>& steps) {
  if (steps.empty()) return {};
  const auto earliest = steps.front().unsqueeze(0);
  steps.erase(steps.begin());
  return earliest;
}

}  // namespace

void Recording::act(const torch::Tensor& mean, const torch::Tensor& action) {
  means_.push_back(mean);
  if (!action.is_same(mean)) actions_.push_back(action);
}

void Recording::observe(const std::function<score::Observation()>& look) {
  const auto start = Clock::now();
  const auto seen = look();
  episode_.score_seconds += std::chrono::duration<double>(Clock::now() - start).count();
  note(seen);
}

void Recording::note(const score::Observation& seen) {
  ++observations_;
  scores_.push_back(seen.score);
  // step by step: a mean over a stack would round differently with other numbers of columns
  sample_size_ =
      sample_size_.defined()
          ? base::linear_combination({{1.0, sample_size_}, {1.0, seen.effective_sample_size}})
          : seen.effective_sample_size;
  if (seen.score_noise.defined()) score_noise_.push_back(seen.score_noise);
  episode_.floor_activations += seen.floor_activations;
  episode_.pruned_share = std::max(episode_.pruned_share, seen.pruned_share);
  if (!seen.log_tilt.defined()) return;
  log_tilts_.push_back(seen.log_tilt);
  tilt_gradients_.push_back(seen.tilt_gradient);
}

Episode Recording::take_step() {
  Episode result;
  result.first_step = episode_.first_step++;
  result.states = torch::cat({taken(states_), states_.front().unsqueeze(0)});
  result.means = taken(means_);
  result.actions = actions_.empty() ? result.means : taken(actions_);
  result.scores = taken(scores_);
  result.score_noise = taken(score_noise_);
  result.log_tilt = taken(log_tilts_);
  result.tilt_gradient = taken(tilt_gradients_);
  if (!log_tilts_.empty()) result.next_log_tilt = log_tilts_.front();
  return result;
}

Episode Recording::finish() {
  episode_.states = stacked(states_);
  episode_.means = stacked(means_);
  episode_.actions = actions_.empty() ? episode_.means : stacked(actions_);
  episode_.scores = stacked(scores_);
  episode_.effective_sample_size = sample_size_ / static_cast<double>(observations_);
  episode_.score_noise = stacked(score_noise_);
  episode_.log_tilt = stacked(log_tilts_);
  episode_.tilt_gradient = stacked(tilt_gradients_);
  return std::move(episode_);
}

}  // namespace tropism::control
