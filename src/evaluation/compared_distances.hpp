// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/evaluation/report.hpp>

namespace tropism::evaluation {

/// The distances that are asked for, between points [N, D] and [M, D] in the data's units.
Distances compare_distances(const torch::Tensor& samples, const torch::Tensor& data,
                            const ReportConfig& config);

}  // namespace tropism::evaluation
