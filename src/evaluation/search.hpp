// SPDX-License-Identifier: MIT
#pragma once

#include <tropism/evaluation/nearest_neighbours.hpp>

namespace tropism::evaluation {

/// Both take contiguous float64 points on the CPU.
Neighbours search_by_tree(const torch::Tensor& queries, const torch::Tensor& reference,
                          std::int64_t k);
Neighbours search_by_products(const torch::Tensor& queries, const torch::Tensor& reference,
                              std::int64_t k);

}  // namespace tropism::evaluation
