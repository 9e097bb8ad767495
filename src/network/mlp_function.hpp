// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <vector>

#include <tropism/network/activation.hpp>

namespace tropism::network {

/// Whether the kernel applies: float32 [n, inputs] on the CPU.
[[nodiscard]] bool suits_kernel(const torch::Tensor& input);

/// A network by the kernel, as one differentiable operation.
/// @param parameters    weight and bias of layer after layer
/// @param activations   of the hidden layers
[[nodiscard]] torch::Tensor mlp_by_kernel(const torch::Tensor& input,
                                          const std::vector<torch::Tensor>& parameters,
                                          const std::vector<Activation>& activations);

}  // namespace tropism::network
