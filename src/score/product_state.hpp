// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// The running state of queries by LibTorch's operators, where the rows are: in the memory of a
/// device that blocks were copied to, else with the queries. The logits are products in float64:
/// |x|^2, x.y and |y|^2 then cancel without harm, and any number of dimensions is one product.
[[nodiscard]] RatioState product_state(const Queries& queries, std::span<const DataBlock> blocks,
                                       NoiseLevel noise, Weights weights);

}  // namespace tropism::score
