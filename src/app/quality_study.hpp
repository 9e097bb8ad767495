// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tropism/comm/communicator.hpp>

#include "config.hpp"
#include "drawing.hpp"
#include "results.hpp"

namespace tropism::app {

/// A config, and what it is called in the tables.
struct QualityVariant {
  std::string name;
  Config config;
};

/// The config as it is, and with one change at a time. Without names those that change something.
/// @throws ConfigError   for a name that is not known, or a variant that is not valid
[[nodiscard]] std::vector<QualityVariant> variants_of(const Config& config,
                                                      const std::vector<std::string>& names);

/// All names: "config, policy_update=expected, ..."
[[nodiscard]] std::string names_of_variants();

/// What is trained for how long, and what is good enough.
struct QualityPlan {
  std::vector<int> episodes;     // lengths of runs, rising
  int seeds = 1;                 // runs of each length, with seeds one apart
  DrawOptions draw;              // of the samples to judge by; of all labels where there are any
  std::optional<double> target;  // a label agreement to reach, or a divergence to come down to
};

/// One run of training, and the samples drawn with its averaged weights.
struct QualityRun {
  double seconds = 0.0;      // of training, by the clock
  double cpu_seconds = 0.0;  // that all ranks spent in them, waiting included
  double quality = 0.0;      // label agreement of a model of labels, else the KL divergence
  std::optional<double> standard_error;  // of the quality, from the samples
  std::optional<double> nearest;         // distance to the data: Memorisation::ratio
  std::optional<double> reward;          // mean; none without a reward
};

/// The runs of one variant and length.
struct QualityPoint {
  std::string variant;
  int episodes = 0;
  std::vector<QualityRun> runs;  // by seed
  bool reached = false;          // the target, with every seed
  bool diverged = false;         // a run did, and there are no further ones
};

struct QualityStudy {
  bool by_labels = false;  // what quality is
  QualityPlan plan;
  std::vector<QualityPoint> points;  // variant by variant, lengths rising to the first that reaches
};

/// Collective. Trains each variant with each length, as `train` does but without a run directory: a
/// rate schedule ends with its run, so a long run cut short would not do. Longer runs than the
/// first one that reaches the target are left out. Complete on rank 0.
/// @throws NumericalError   on several ranks that estimate scores together, where states of one of
/// them are not finite: the others do not notice
[[nodiscard]] QualityStudy measure_quality(const std::vector<QualityVariant>& variants,
                                           const QualityPlan& plan, const comm::Communicator& comm);

[[nodiscard]] std::string quality_table(const QualityStudy& study);
[[nodiscard]] nlohmann::json quality_json(const QualityStudy& study);
/// Quality over seconds of training, a curve for each variant.
[[nodiscard]] Plot plot_quality(const QualityStudy& study);

}  // namespace tropism::app
