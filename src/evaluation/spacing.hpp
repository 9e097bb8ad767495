// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace tropism::evaluation {

/// How far each point is from its k-th neighbour, or from the next one that is not at distance 0.
struct Spacing {
  torch::Tensor distance;    // > 0, float64 [N]; infinite where there is no distinct neighbour
  torch::Tensor rank;        // of that neighbour, >= k, counted with multiplicity, int64 [N]
  torch::Tensor coincident;  // neighbours at distance 0, int64 [N]

  [[nodiscard]] Spacing rows(const torch::Tensor& index) const;
};

/// Each row of x among the other rows of x; N > k.
Spacing spacing_within(const torch::Tensor& x, std::int64_t k);

/// Each row of x among the rows of y; M >= k.
Spacing spacing_to(const torch::Tensor& x, const torch::Tensor& y, std::int64_t k);

/// Replaces each point's neighbours by the farthest that are not farther than the larger of both
/// distances, with their numbers in that ball.
void widen_to_one_ball(const torch::Tensor& x, const torch::Tensor& y, Spacing& within,
                       Spacing& to_y);

}  // namespace tropism::evaluation
