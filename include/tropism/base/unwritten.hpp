// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace tropism::base {

/// A contiguous tensor on the CPU whose numbers are yet to be written, of `sizes`, each >= 0, and
/// without a graph: torch::empty in half the time, which first looks for the operator that serves.
[[nodiscard]] torch::Tensor unwritten(torch::IntArrayRef sizes,
                                      torch::ScalarType type = torch::kFloat32);

}  // namespace tropism::base
