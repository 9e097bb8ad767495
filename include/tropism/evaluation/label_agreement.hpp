// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <optional>

#include <tropism/evaluation/nearest_neighbours.hpp>

namespace tropism::evaluation {

/// Share of points whose nearest training point carries the label that was asked for.
struct Agreement {
  std::int64_t count = 0;
  std::int64_t agreeing = 0;
  std::optional<double> fraction;  // in [0, 1]; none without points
  std::optional<double>
      standard_error;  // binomial: sqrt(f (1 - f) / count); 0 where all or none agree
};

struct LabelAgreement {
  Agreement overall;
  std::map<std::int64_t, Agreement> by_label;  // by the label asked for
};

/// @param nearest      neighbours of the points in the training data; the first column counts, [N,
/// k]
/// @param asked        label asked for, int64 [N]
/// @param data_label   labels of the training data, int64 [M]
[[nodiscard]] LabelAgreement label_agreement(const Neighbours& nearest, const torch::Tensor& asked,
                                             const torch::Tensor& data_label);

}  // namespace tropism::evaluation
