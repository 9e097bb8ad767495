// SPDX-License-Identifier: MIT
#include <tropism/network/mlp.hpp>

#include <cmath>

#include "mlp_function.hpp"

#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>

namespace tropism::network {
namespace {

/// The activation after hidden layer `layer`; tanh+relu is tanh after the first and relu after the
/// rest.
Activation activation_of_layer(const std::string& name, int layer) {
  if (name == "silu") return Activation::silu;
  if (name == "tanh" || (name == "tanh+relu" && layer == 0)) return Activation::tanh;
  return Activation::relu;
}

torch::Tensor activate(Activation activation, const torch::Tensor& x) {
  if (activation == Activation::silu) return torch::silu(x);
  return activation == Activation::tanh ? torch::tanh(x) : torch::relu(x);
}

void fill_uniform(torch::Tensor parameter, double bound, std::uint64_t seed, std::int64_t index) {
  const base::RandomStream stream(seed, base::Purpose::initial_weights);
  const auto unit = stream.uniform(index, 0, 1, parameter.numel()).view(parameter.sizes());
  parameter.copy_(unit.mul_(2.0).sub_(1.0).mul_(bound));
}

}  // namespace

Mlp::Mlp(std::int64_t inputs, std::int64_t outputs, const MlpConfig& config, LastLayer last_layer,
         std::uint64_t seed, std::int64_t first_parameter_index) {
  const torch::NoGradGuard no_grad;
  for (int layer = 0; layer <= config.depth; ++layer) {
    const bool last = layer == config.depth;
    const std::int64_t fan_in = layer == 0 ? inputs : config.width;
    auto linear = torch::nn::Linear(fan_in, last ? outputs : config.width);
    const double bound =
        last && last_layer == LastLayer::zero ? 0.0 : 1.0 / std::sqrt(static_cast<double>(fan_in));
    fill_uniform(linear->weight, bound, seed, first_parameter_index + 2 * layer);
    fill_uniform(linear->bias, bound, seed, first_parameter_index + 2 * layer + 1);
    layers_.push_back(register_module("layer" + std::to_string(layer + 1), linear));
    if (!last) activations_.push_back(activation_of_layer(config.activation, layer));
  }
}

torch::Tensor Mlp::forward(const torch::Tensor& input) const {
  if (!suits_kernel(input)) return forward_by_operators(input);
  return mlp_by_kernel(input, weights());
}

std::int64_t Mlp::tape_bytes(std::int64_t rows) const {
  return device_.is_cpu() ? network::tape_bytes(weights(), rows) : 0;
}

bool Mlp::suits_kernel(const torch::Tensor& input) const {
  return device_.is_cpu() && network::suits_kernel(input);
}

MlpWeights Mlp::weights() const {
  MlpWeights weights = {{}, activations_};
  for (const auto& layer : layers_)
    weights.parameters.insert(weights.parameters.end(), {layer->weight, layer->bias});
  return weights;
}

torch::Tensor Mlp::forward_by_operators(const torch::Tensor& input) const {
  const auto device = device_.is_cpu() ? input.device() : device_;
  auto x = input.to(device);
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    const auto& linear = layers_[layer];
    x = torch::linear(x, linear->weight.to(device), linear->bias.to(device));
    if (layer < activations_.size()) x = activate(activations_[layer], x);
  }
  return x.to(input.device());
}

}  // namespace tropism::network
