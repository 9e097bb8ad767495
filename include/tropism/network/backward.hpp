// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <vector>

namespace tropism::network {

/// Adds to the gradients of all parameters those of sum_i gradient_i . output_i, as
/// torch::autograd::backward. A graph that is a chain of operations from an output down to its
/// parameters, as that of a network's pass by the kernel, is walked here: autograd's engine takes
/// 20 us for its queues, as long as a small network's pass over a hundred rows. Hooks of such a
/// chain are not called. Graphs may be walked again until they are released.
/// @param outputs     of any shapes, with graphs
/// @param gradients   one for each output, of its shape
/// @throws ContractError   if numbers or shapes do not fit; what LibTorch throws, if there is no
/// graph
void backward(const std::vector<torch::Tensor>& outputs,
              const std::vector<torch::Tensor>& gradients);

}  // namespace tropism::network
