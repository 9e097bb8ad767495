// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace tropism::control {

/// A scalar whose gradient is known: autograd goes on from `gradient`, in place of a record of how
/// the scalar came to be.
/// @param value      scalar without a graph
/// @param of         what it is a function of, with or without a graph
/// @param gradient   d value / d of, in its shape
[[nodiscard]] torch::Tensor with_gradient(const torch::Tensor& value, const torch::Tensor& of,
                                          const torch::Tensor& gradient);

}  // namespace tropism::control
