// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "config.hpp"
#include "experiment.hpp"
#include "training_data.hpp"

namespace tropism::app {

/// A part of the memory of a rank.
struct MemoryTerm {
  std::string what;
  double bytes = 0.0;
  std::string remedy;  // what makes it smaller: "lower [run] batch"
};

/// What rank 0, the largest, holds in training at the moment at which it holds most, besides the
/// process itself; largest first. Not counted: taking up a checkpoint, which for a moment holds
/// weights and moments twice and can be more than training where they are most of all.
/// @param data    of rank 0
/// @param ranks   of the run
[[nodiscard]] std::vector<MemoryTerm> memory_terms(const Config& config, const Model& model,
                                                   const TrainingData& data, int ranks);

/// Lines for the plan of `train --check`: the terms and their sum.
/// @param process   bytes of the process before it loads data
[[nodiscard]] std::string plan_of_memory(std::vector<MemoryTerm> terms, double process);

}  // namespace tropism::app
