// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace tropism::control {

/// Terms of a loss at k steps, [k, B], and the gradient of their sum in what they are formed on:
/// mu, [k, B, D], or a value, [k, B]; no graph.
struct Terms {
  torch::Tensor values, gradient;
};

/// share * sum of the terms, with a graph through what they are formed on.
[[nodiscard]] torch::Tensor loss_of(const Terms& terms, const torch::Tensor& of, double share);

/// A scalar whose gradient is known: autograd goes on from `gradient`, in place of a record of how
/// the scalar came to be.
/// @param value      scalar without a graph
/// @param of         what it is a function of, with or without a graph
/// @param gradient   d value / d of, in its shape
[[nodiscard]] torch::Tensor with_gradient(const torch::Tensor& value, const torch::Tensor& of,
                                          const torch::Tensor& gradient);

}  // namespace tropism::control
