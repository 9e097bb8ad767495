// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/base/elementwise.hpp>

namespace tropism::score {

/// The contract in the middle: (x, t) to a vector of x's shape. A closed form, a ratio estimate, a
/// policy mean, a guided combination are all score functions; samplers and roll-outs know only
/// this.
class ScoreFunction {
 public:
  virtual ~ScoreFunction() = default;
  /// @param x   points, [n, D]
  /// @param t   noise times in (0, T], [n]
  /// @return    [n, D]
  [[nodiscard]] virtual torch::Tensor score(const torch::Tensor& x,
                                            const torch::Tensor& t) const = 0;
};

/// One noise time for all rows of x, [n]: a view of one number, by which a score function can tell
/// that whatever depends on time alone need be computed once.
[[nodiscard]] inline torch::Tensor time_of_all(const torch::Tensor& x, double noise_time) {
  return base::repeated(noise_time, x.size(0), x.options());
}

}  // namespace tropism::score
