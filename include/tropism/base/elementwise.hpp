// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace tropism::base {

// Plain loops over float32 on the CPU, where each of LibTorch's operators would cost more than the
// work that it does on a batch of small states; LibTorch's operators on all else.

/// Whether a tensor is float32 on the CPU.
[[nodiscard]] inline bool suits_loop(const torch::Tensor& t) {
  return t.is_cpu() && t.scalar_type() == torch::kFloat32;
}

/// Whether a loop, which leaves no graph, may take the place of operators on a tensor.
[[nodiscard]] inline bool may_loop(const torch::Tensor& t) {
  return suits_loop(t) && !(torch::GradMode::is_enabled() && t.requires_grad());
}

/// A number times a tensor.
struct Multiple {
  double factor;
  const torch::Tensor& of;
};

/// sum_i factor_i t_i, of at least one tensor, in the order given; without a graph.
/// @throws ContractError   if shapes differ
[[nodiscard]] torch::Tensor linear_combination(std::initializer_list<Multiple> terms);

/// t_i - factor row, for each row t_i of t [n, D] and one row [D]; without a graph.
/// @throws ContractError   if shapes do not fit
[[nodiscard]] torch::Tensor minus_row(const torch::Tensor& t, double factor,
                                      const torch::Tensor& row);

/// Tensors of one shape [...] as one, [n, ...]; without a graph. @pre n >= 1
[[nodiscard]] torch::Tensor stacked(const std::vector<torch::Tensor>& parts);

/// One number n times, as a view of one, [n] with stride 0.
[[nodiscard]] torch::Tensor repeated(double number, std::int64_t n,
                                     const torch::TensorOptions& options);

/// Whether two tensors have one shape and the same numbers, bit by bit where they suit a loop.
[[nodiscard]] bool same_bits(const torch::Tensor& first, const torch::Tensor& second);

/// Whether no number is infinite or NaN.
[[nodiscard]] bool all_finite(const torch::Tensor& t);

}  // namespace tropism::base
