// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include <tropism/base/random.hpp>
#include <tropism/control/episode.hpp>

namespace tropism::conditional {

/// How training draws the context of a trajectory, P_C of [GZZ24, eq. (46)].
enum class LabelPrior { data, uniform };

/// The labels of a data set: any integers, each known inside by its place in rising order.
class Labels {
 public:
  /// @param values   the distinct labels, rising
  /// @param counts   rows of each, >= 1
  /// @throws IoError   if there are none
  Labels(std::vector<std::int64_t> values, const std::vector<std::int64_t>& counts);

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(values_.size()); }
  [[nodiscard]] const std::vector<std::int64_t>& values() const { return values_; }

  /// Labels [n] to their places, int64 [n]. @throws ConfigError   for a label that the data do not
  /// have
  [[nodiscard]] torch::Tensor places(const torch::Tensor& labels) const;
  /// Places [n] to labels, int64 [n].
  [[nodiscard]] torch::Tensor labels(const torch::Tensor& places) const;

  /// c ~ P_C for each trajectory (Algorithm 2): a function of seed and trajectory number alone.
  /// int64 [count]
  [[nodiscard]] torch::Tensor draw_places(const base::RandomStream& stream, LabelPrior prior,
                                          control::Trajectories trajectories) const;

 private:
  std::vector<std::int64_t> values_;
  torch::Tensor cumulative_;  // P(place <= i) under LabelPrior::data, float64 [n]
};

}  // namespace tropism::conditional
