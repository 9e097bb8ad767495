// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

#include <tropism/comm/row_split.hpp>

#include "drawing.hpp"
#include "experiment.hpp"

namespace tropism::app {

/// What each of N samples is drawn under.
struct Conditions {
  std::int64_t count = 0;     // N
  torch::Tensor places = {};  // of the labels, int64 [N]; undefined unless the model knows labels
  torch::Tensor contexts =
      {};  // in their own units, float32 [N, C]; undefined unless it knows them
};

/// What --condition and --samples ask for; without --condition as the data have labels or contexts.
/// @throws ConfigError   for a condition that the model does not know, with one that it does
[[nodiscard]] Conditions conditions_of(const DrawOptions& options, const Model& model);

/// Networks under the conditions of these samples; beyond the last one under the last condition.
[[nodiscard]] control::FieldOf fields_of(const Model& model, const Conditions& conditions,
                                         comm::RowRange samples);

/// A sentence if contexts are outside the range of the training data, else an empty text.
[[nodiscard]] std::string warning_about_range(const Model& model, const Conditions& conditions);

}  // namespace tropism::app
