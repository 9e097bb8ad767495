// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include <tropism/data/dataset.hpp>
#include <tropism/score/gaussian_mixture.hpp>

/// A law in one dimension under a continuous context c in [-1, 1]: two branches that cross,
/// p(x|c) = 2/3 N(3c, (0.6 + 0.2c)^2) + 1/3 N(-2c, 0.5^2).
namespace tropism::app {

[[nodiscard]] score::GaussianMixture law_at(double c);

/// Which contexts there are: [-1, 1] in equal parts, uniform in the first `share` of each.
struct ContextSupport {
  std::int64_t parts = 1;
  double share = 1.0;  // in (0, 1]
};

/// The contexts of uniform numbers in (0, 1), float64, alike in shape.
[[nodiscard]] torch::Tensor contexts_of_uniform(const ContextSupport& support,
                                                const torch::Tensor& uniform);

[[nodiscard]] bool is_in_support(const ContextSupport& support, double c);

/// Rows x and their contexts.
[[nodiscard]] data::Dataset context_data(const ContextSupport& support, std::int64_t rows,
                                         std::uint64_t seed);

/// log kappa(c, c_j) of the Gaussian kernel of this standard deviation, float64 [M], up to a
/// constant.
/// @param contexts   c_j, [M, 1] or [M]
[[nodiscard]] torch::Tensor log_kernel(double c, const torch::Tensor& contexts, double width);

/// What the kernel makes of infinitely many rows, int kappa(c, c') p(x|c') dP(c') / int kappa dP:
/// by the midpoint rule, to three digits or more for kernels wider than 0.05.
[[nodiscard]] score::GaussianMixture smoothed_law_at(double c, const ContextSupport& support,
                                                     double width);

}  // namespace tropism::app
