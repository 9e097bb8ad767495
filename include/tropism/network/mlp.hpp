// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include <tropism/network/activation.hpp>
#include <tropism/network/network.hpp>

namespace tropism::network {

/// The hidden layers of a multi-layer perceptron; part of [policy] and [value].
struct MlpConfig {
  int width = 128;  // units of a hidden layer, >= 1
  int depth = 3;    // hidden layers, >= 1
  std::string activation =
      "silu";  // silu | tanh | relu | tanh+relu (Table 1 of [GZZ24]: tanh, then relu)
  void validate(const std::string& section) const;
};

struct MlpWeights;  // src/network/tape.hpp

enum class LastLayer { random, zero };

/// Multi-layer perceptron [n, inputs] -> [n, outputs]. Weights and biases start uniform in
/// +-1/sqrt(inputs of the layer), drawn by (seed, index of the parameter): the same on every rank.
class Mlp : public torch::nn::Module, public Network {
 public:
  Mlp(std::int64_t inputs, std::int64_t outputs, const MlpConfig& config, LastLayer last_layer,
      std::uint64_t seed, std::int64_t first_parameter_index);

  /// Passes are from now on computed there, by the definition below; parameters, their gradients,
  /// inputs and outputs stay where they are, in the host's memory, and are copied for each pass.
  void compute_on(torch::Device device) { device_ = device; }

  /// [n, inputs] -> [n, outputs]: by our own kernel where it applies (float32 on the CPU), which
  /// equals the definition below to round-off and has analytic gradients, else by the definition.
  /// Differentiable once by the kernel.
  [[nodiscard]] torch::Tensor forward(const torch::Tensor& input) const override;
  /// The definition of the network: layer after layer by LibTorch's operators.
  [[nodiscard]] torch::Tensor forward_by_operators(const torch::Tensor& input) const;
  /// What the kernel keeps of so many rows until their gradients are formed, in bytes of the host.
  [[nodiscard]] std::int64_t tape_bytes(std::int64_t rows) const;

 private:
  friend class RecordedMlp;
  [[nodiscard]] MlpWeights weights() const;
  [[nodiscard]] bool suits_kernel(const torch::Tensor& input) const;

  mutable std::vector<torch::nn::Linear> layers_;
  std::vector<Activation> activations_;  // of the hidden layers
  torch::Device device_ = torch::kCPU;   // that computes
};

}  // namespace tropism::network
