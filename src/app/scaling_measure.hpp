// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <tropism/comm/communicator.hpp>

#include "config.hpp"
#include "scaling_model.hpp"

namespace tropism::app {

/// Where the wall-clock time of an episode goes, seconds, means over ranks. They add up to the
/// total.
struct EpisodeTime {
  double rollout = 0.0;
  double score = 0.0;
  double learn = 0.0;
  double wait = 0.0;    // for the rank that computes longest in this episode
  double reduce = 0.0;  // all messages, and the step of the optimizer
  [[nodiscard]] double compute() const { return rollout + score + learn; }
  [[nodiscard]] double total() const { return compute() + wait + reduce; }
};

/// One measured run of training.
struct ScalingPoint {
  Scaling scaling = Scaling::strong;
  training::Aggregate aggregate = training::Aggregate::on_root;
  int ranks = 1;
  std::int64_t batch = 1;          // over all ranks
  std::int64_t largest_share = 1;  // of a rank
  bool oversubscribed = false;     // more ranks than cores on a host
  std::int64_t episodes = 0;
  EpisodeTime time = {};
};

/// What was measured. Complete on rank 0.
struct ScalingMeasurements {
  EpisodeWork work;
  std::vector<ScalingPoint> points;   // the study itself
  std::vector<ScalingPoint> batches;  // small shares, on the most ranks that have cores
  std::vector<MessageTime> messages;
  int hosts = 1;
};

/// 1, 2, 4, ..., and the most itself.
[[nodiscard]] std::vector<int> powers_of_two_up_to(int most);

/// Collective. Trains by the config on 1, 2, 4, ... ranks up to all of them, `seconds` for each run
/// in three rounds, of which the fastest counts, after warm-ups of a fifth; without a run
/// directory; those that are left out sleep. The learning
/// rate is next to nothing, so that small batches do not diverge, and the critic takes part from
/// the first episode on as it does in most episodes of a run: neither changes what an episode
/// costs.
[[nodiscard]] ScalingMeasurements measure_scaling(const Config& config,
                                                  const comm::Communicator& world, double seconds);

}  // namespace tropism::app
