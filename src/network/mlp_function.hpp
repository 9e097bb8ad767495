// SPDX-License-Identifier: MIT
#pragma once

#include "tape.hpp"

namespace tropism::network {

/// Whether the kernel applies: float32 [n, inputs] on the CPU.
[[nodiscard]] bool suits_kernel(const torch::Tensor& input);

/// A perceptron by the kernel, as one differentiable operation.
[[nodiscard]] torch::Tensor mlp_by_kernel(const torch::Tensor& input, const MlpWeights& weights);

/// The same for rows that have been through it already. @param output   of the tape's rows
[[nodiscard]] torch::Tensor mlp_from_tape(const torch::Tensor& input, const torch::Tensor& output,
                                          c10::intrusive_ptr<Tape> tape);

}  // namespace tropism::network
