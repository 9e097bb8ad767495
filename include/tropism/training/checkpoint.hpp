// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tropism/control/grouped_rewards.hpp>
#include <tropism/io/run_directory.hpp>
#include <tropism/training/data_summary.hpp>

namespace tropism::training {

/// Everything a run is made of between two episodes. In the file: /policy/<parameter>, /value/...,
/// /policy_average/..., /optimizer/first_moment/<network>/..., /optimizer/second_moment/...,
/// /earlier_rewards/{rewards, groups} where there are any, /config (text), /data, /provenance, and
/// the numbers below as attributes of the file.
struct Checkpoint {
  using Named =
      std::vector<std::pair<std::string, torch::Tensor>>;  // "policy.layer1.weight" and so on

  std::int64_t step = 0;             // episodes done
  std::int64_t optimizer_steps = 0;  // Adam's
  std::int64_t samples_seen = 0;     // trajectories simulated so far
  std::int64_t seed = 1;
  double wall_seconds = 0.0;  // of training, over all starts
  std::string config;         // TOML, complete
  DataSummary data;
  Named parameters;      // of policy and value
  Named policy_average;  // "policy. ..." : what samples are drawn with
  Named first_moment;    // Adam
  Named second_moment;
  control::GroupedRewards earlier_rewards;  // of policy gradients that remember them
  std::vector<std::pair<std::string, std::string>> provenance;  // versions, ranks, kernels
};

/// Writes atomically; every dataset carries a checksum. Not collective: one rank writes.
void save_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// @throws IoError   if the file is torn, altered, or no checkpoint: with the reason
[[nodiscard]] Checkpoint load_checkpoint(const std::string& path);

/// The newest checkpoint of a run that can be read. Those that cannot are passed over and named in
/// `refused`, with the reason. @throws IoError   if there are checkpoints and none can be read
/// @return   false if the run has no checkpoint
[[nodiscard]] bool load_newest(const io::RunDirectory& run, Checkpoint& checkpoint,
                               std::vector<std::string>& refused);

/// Copies tensors by name. @throws IoError   if a name is missing or a shape differs: names both
/// shapes
void copy_by_name(const Checkpoint::Named& from, const Checkpoint::Named& to,
                  const std::string& what);

}  // namespace tropism::training
