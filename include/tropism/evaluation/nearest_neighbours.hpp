// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace tropism::evaluation {

/// The nearest rows of a reference set, nearest first.
struct Neighbours {
  torch::Tensor distance;  // Euclidean, float64 [N, k]
  torch::Tensor index;     // rows of the reference, int64 [N, k]
};

/// How to search. Both find the same distances, to the rounding of float64.
enum class Search {
  automatic,  // tree up to 10 dimensions, else products
  tree,       // k-d tree (nanoflann)
  products,   // blocked matrix products of centred points propose; differences in float64 decide
};

/// The k nearest rows of `reference` to each query. Exact; equally near rows come in any order.
/// Memory beyond the result: about 200 MB at most.
///
/// @param queries     [N, D], finite; N may be 0
/// @param reference   [M, D], finite, M >= k >= 1
/// @throws ContractError   if the shapes disagree, a value is not finite, or M < k
[[nodiscard]] Neighbours nearest_neighbours(const torch::Tensor& queries,
                                            const torch::Tensor& reference, std::int64_t k,
                                            Search search = Search::automatic);

/// The k nearest other rows to each row of x. A row leaves out itself, not its duplicates.
///
/// @param x   [N, D], finite, N > k >= 1
[[nodiscard]] Neighbours nearest_other_rows(const torch::Tensor& x, std::int64_t k,
                                            Search search = Search::automatic);

}  // namespace tropism::evaluation
