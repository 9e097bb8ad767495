// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <optional>
#include <string>

#include <tropism/comm/communicator.hpp>

#include "config.hpp"
#include "experiment.hpp"

namespace tropism::app {

/// How many rows the context kernel leaves at work.
struct KernelReport {
  double bandwidth = 0.0;        // in standard deviations of the contexts
  torch::Tensor contexts;        // contexts of the data at which it was tried, [q, C]
  torch::Tensor effective_rows;  // there, float64 [q]; with shared-out data and local scope on the
                                 // rank that has fewest
  std::optional<double> enough;  // a bandwidth that leaves [score] least_effective_rows at all of
                                 // them, where this one does not and there is any
};

/// Collective. Nothing unless the model is conditioned on contexts.
[[nodiscard]] std::optional<KernelReport> report_on_kernel(const Config& config,
                                                           const comm::Communicator& comm,
                                                           const Model& model,
                                                           const TrainingData& data);

/// Sentences if the kernel leaves too few rows anywhere, else an empty text.
[[nodiscard]] std::string warning_about_kernel(const Config& config, const KernelReport& report);

/// A line for the plan of `train --check`.
[[nodiscard]] std::string plan_of_kernel(const Config& config, const KernelReport& report);

}  // namespace tropism::app
