// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace tropism::training {

/// [run]
struct RunConfig {
  std::string directory = "";  // where config, metrics and checkpoints go; must be set
  std::int64_t seed = 1;       // >= 0: the one seed of all random streams
  int episodes = 1000;         // >= 1
  int batch = 100;             // trajectories per episode over all ranks, >= 1
  std::string aggregate =
      "root";  // root: rank 0 sums gradients, steps, broadcasts | all: every rank steps
  std::string device = "cpu";  // that computes networks and score estimates: cpu | cuda
  bool reproducible = false;   // the same numbers bit for bit on any number of ranks
  int report_every = 25;       // episodes between lines of metrics.jsonl, >= 1
  int check_every = 100;       // episodes between cross-rank checks of the weights; 0 = never
  void validate() const;
};

/// [optimizer]: Adam (Kingma and Ba, 2015).
struct OptimizerConfig {
  double learning_rate = 2e-3;        // of the policy, > 0
  double value_learning_rate = 5e-3;  // of the value network, > 0
  double beta1 = 0.9;                 // in [0, 1)
  double beta2 = 0.999;               // in [0, 1)
  double epsilon = 1e-8;              // > 0
  std::string schedule = "cosine";    // constant | cosine (to 0 at the last episode)
  double clip_norm = 0.0;  // largest gradient norm of each network, >= 0; 0 = no clipping
  void validate() const;
};

/// [average]: exponential average of the policy's weights, which is what samples are drawn with.
struct AverageConfig {
  double decay =
      0.999;  // in [0, 1): min(decay, (1 + n)/(10 + n)) after n episodes; 0 = last weights
  void validate() const;
};

/// [checkpoint]
struct CheckpointConfig {
  int every = 500;  // episodes between checkpoints, >= 0; 0 = only at the end
  int keep = 3;     // newest checkpoints kept, >= 1
  void validate() const;
};

}  // namespace tropism::training
