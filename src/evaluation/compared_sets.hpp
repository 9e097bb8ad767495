// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>
#include <optional>

#include <tropism/evaluation/report.hpp>

namespace tropism::evaluation {

/// One set of points with all that is needed of each of them.
struct ComparedSet {
  torch::Tensor raw;                     // original units, float32 [N, D]
  torch::Tensor scaled;                  // float32 [N, D]
  std::optional<torch::Tensor> label;    // int64 [N]
  std::optional<torch::Tensor> rewards;  // float64 [N]
  Neighbours nearest_data;               // in the data; for data: among the others (none if alone);
                                         // without rows if not asked for

  [[nodiscard]] std::int64_t count() const { return raw.size(0); }
  [[nodiscard]] ComparedSet rows(const torch::Tensor& index) const;
  [[nodiscard]] ComparedSet rows_with_label(std::int64_t wanted) const;
};

ComparedSet compared_data(const data::Dataset& data, const ReportConfig& config);
ComparedSet compared_samples(const Points& samples, const data::Dataset& data,
                             const ReportConfig& config);

SetSummary summarise_set(const ComparedSet& set);

}  // namespace tropism::evaluation
