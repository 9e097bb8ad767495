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
#include <tropism/evaluation/report_config.hpp>
#include <tropism/evaluation/reward_summary.hpp>
#include <tropism/evaluation/tilt.hpp>

namespace tropism::evaluation {

/// Generated points, in the units of the raw data.
struct Points {
  torch::Tensor x;                     // float32 [N, D]
  std::optional<torch::Tensor> label;  // asked for, int64 [N]
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

/// Rows of each set that Distance::value is of at most; chosen at random but always alike.
inline constexpr std::int64_t most_compared_rows = 10'000;

/// A distance of the samples from the data, as a whole and over batches.
struct Distance : BatchMean {
  std::optional<double> value;
};

/// See distances.hpp. What is not asked for, or cannot be computed, has no value.
struct Distances {
  std::optional<double> bandwidth;  // of the mean discrepancy's kernel: the median distance
  Distance discrepancy;             // squared
  Distance energy;
  Distance sliced_first;         // sliced Wasserstein distance with p = 1
  Distance sliced_second;        // and with p = 2
  std::int64_t sample_rows = 0;  // that the values are of
  std::int64_t data_rows = 0;
};

/// Samples beside data: all of them, or those of one label. Distances and divergences are in the
/// units the data are stored in (scaled). Whatever cannot be computed is absent.
struct GroupReport {
  std::optional<std::int64_t> label;  // none: all
  SetSummary samples;
  SetSummary data;
  MatchedDivergence divergence;             // of the samples from the data of the same label
  Distances distances;                      // likewise
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
