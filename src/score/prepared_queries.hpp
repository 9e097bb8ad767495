// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "direct_kernel.hpp"

#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// Queries, and what is known of them before they meet the rows of these blocks.
struct PreparedQueries {
  Queries queries;                    // contiguous
  const float* points;                // of the queries, [B, D]
  KernelShape shape;                  // by differences
  double inverse_signal;              // 1/a
  double radius = 0.0;                // the largest |x_j|
  std::vector<double> squared_norms;  // |m|^2 of each query, m = x/a

  PreparedQueries(const Queries& any_queries, NoiseLevel noise);
  PreparedQueries(const Queries& any_queries, std::span<const DataBlock> blocks, NoiseLevel noise);
  /// What is asked from now on is asked of the rows of these blocks.
  void meet(std::span<const DataBlock> blocks);

  [[nodiscard]] const float* x(std::size_t query) const { return points + query * shape.dimension; }
  /// Whether Arithmetic::products round a query no worse than differences would, to a factor of
  /// two: a logit of size l is rounded by 6e-8 l; with noise in D coordinates the logits that count
  /// are D/2 by differences, and up to a^2/(2v) R (2|m| + R) by products. Depends on no other
  /// query.
  [[nodiscard]] bool products_suit(std::size_t query) const;
  [[nodiscard]] bool products_can_suit() const;  // a query of so many dimensions
};

}  // namespace tropism::score
