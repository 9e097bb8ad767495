// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include <tropism/data/dataset.hpp>
#include <tropism/evaluation/divergence.hpp>
#include <tropism/evaluation/label_agreement.hpp>
#include <tropism/evaluation/memorisation.hpp>
#include <tropism/evaluation/moments.hpp>
#include <tropism/evaluation/reward_summary.hpp>
#include <tropism/evaluation/tilt.hpp>
#include <tropism/reward/reward.hpp>

namespace tropism::evaluation {

/// Generated points, in the units of the raw data.
struct Points {
  torch::Tensor x;                     // float32 [N, D]
  std::optional<torch::Tensor> label;  // asked for, int64 [N]
};

struct ReportConfig {
  reward::RewardConfig
      reward;  // kind none: no rewards; beta > 0: the exact tilt of the data as well
  std::int64_t neighbours = 1;  // k of the divergence, >= 1
  std::int64_t batch = 300;     // points per batch of the divergence, > neighbours
  void validate() const;
};

/// What is said of one set of points, samples or data.
struct SetSummary {
  std::int64_t count = 0;
  Moments intensity;                       // of the points' mean coordinate, original units
  std::optional<double> intensity_scaled;  // its mean in the units the data are stored in
  std::optional<double> sd;                // of all coordinates together, original units
  std::vector<double> column_mean;  // per coordinate, original units; empty for D > 16 or no points
  std::vector<double> column_sd;    // likewise
  std::optional<RewardSummary> reward;
};

/// Samples beside data: all of them, or those of one label. Distances and divergences are in the
/// units the data are stored in (scaled). Whatever cannot be computed is absent.
struct GroupReport {
  std::optional<std::int64_t> label;  // none: all
  SetSummary samples;
  SetSummary data;
  MatchedDivergence divergence;             // of the samples from the data of the same label
  std::optional<Agreement> agreement;       // label asked for = label of the nearest data row
  std::optional<Agreement> data_agreement;  // the same for each data row and its nearest other row
  Memorisation nearest;
  std::int64_t duplicates = 0;          // samples that equal another sample
  std::optional<Tilt> tilt;             // of the data by exp(beta h / 2), label by label
  std::optional<double> share_reached;  // of the way from the data's mean reward to the tilt's
  std::optional<Tilt> floor;            // least divergence at the samples' mean reward
};

struct Report {
  std::int64_t dimension = 0;
  ReportConfig config;
  GroupReport all;
  std::vector<GroupReport> conditions;  // by ascending label; empty if the samples have no labels
  std::vector<std::string> notes;       // sentences: what was counted and what is missing, and why
};

/// Evaluates samples against data.
/// @param data   all rows: a part would be another distribution
/// @throws ContractError   if the dimensions disagree, or a set has no rows
[[nodiscard]] Report make_report(const Points& samples, const data::Dataset& data,
                                 const ReportConfig& config);

/// The report as one JSON object; what is absent is null.
[[nodiscard]] nlohmann::json report_json(const Report& report);

}  // namespace tropism::evaluation
