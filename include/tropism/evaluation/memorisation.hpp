// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

#include <tropism/evaluation/nearest_neighbours.hpp>

namespace tropism::evaluation {

/// How near generated points come to training points, beside how near those come to each other.
/// A ratio near 1: as near as fresh data would be. Near 0: the training set is repeated.
struct Memorisation {
  std::optional<double> mean_distance;       // generated point to nearest training point
  std::optional<double> data_mean_distance;  // training point to nearest other training point
  std::optional<double> ratio;               // of the two; none where the latter is missing or 0
  std::int64_t copies = 0;                   // generated points nearer than copy_distance * spread
};

inline constexpr double copy_distance = 1e-6;

/// Root mean squared distance of points [M, D] from their mean: the unit of copy_distance.
[[nodiscard]] double spread_of(const torch::Tensor& points);

/// @param to_data       neighbours of the generated points in the training data, [N, k]
/// @param within_data   neighbours of training points among the other training points, [M, k]
/// @param spread        of the training data
[[nodiscard]] Memorisation memorisation(const Neighbours& to_data, const Neighbours& within_data,
                                        double spread);

}  // namespace tropism::evaluation
