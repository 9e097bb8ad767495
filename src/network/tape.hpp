// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <vector>

#include "mlp_kernel.hpp"

namespace tropism::network {

/// Weight and bias of layer after layer, and the activations of the hidden layers.
struct MlpWeights {
  std::vector<torch::Tensor> parameters;
  std::vector<Activation> activations;
  [[nodiscard]] KernelNetwork kernel() const;
  [[nodiscard]] std::int64_t outputs() const { return parameters.back().size(0); }
};

/// Gradients of a pass; undefined where they are not wanted.
struct PassGradients {
  torch::Tensor parameters;  // [P], in the order of the parameters: added to
  torch::Tensor input;       // [rows, inputs]: written
};

/// Bytes of a tape of so many rows.
[[nodiscard]] std::int64_t tape_bytes(const MlpWeights& weights, std::int64_t rows);

/// Passes through a perceptron, and what they leave behind for a backward pass.
class Tape final : public torch::CustomClassHolder {
 public:
  Tape(MlpWeights weights, std::int64_t most_rows);

  /// The output at the next n rows. @param input   [n, inputs], contiguous
  /// @param output   [n, outputs], contiguous: written
  void append(const torch::Tensor& input, const torch::Tensor& output);
  /// Gradients of sum(output_gradient * output) over all rows of a full tape.
  void backward(const torch::Tensor& output_gradient, const PassGradients& gradients) const;

  [[nodiscard]] const MlpWeights& weights() const { return weights_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t most_rows() const { return most_rows_; }
  [[nodiscard]] bool has_room_for(std::int64_t rows) const { return rows_ + rows <= most_rows_; }

 private:
  MlpWeights weights_;
  KernelNetwork network_;
  std::int64_t most_rows_;
  std::int64_t rows_ = 0;
  torch::Tensor numbers_;
};

/// A pass that leaves nothing behind.
[[nodiscard]] torch::Tensor pass(const MlpWeights& weights, const torch::Tensor& input);

}  // namespace tropism::network
