// SPDX-License-Identifier: MIT
#include <algorithm>

#include "mlp_kernel.hpp"

namespace tropism::network {

KernelNetwork::KernelNetwork(std::vector<KernelLayer> layers) : layers_(std::move(layers)) {
  std::size_t parameters = 0;
  const auto reserve = [this](std::vector<std::size_t>& where, std::size_t lines) {
    where.push_back(lines_);
    lines_ += lines;
  };
  for (const auto& layer : layers_) {
    reserve(input_lines_, layer.inputs);
    reserve(slope_lines_, layer.activation == Activation::silu ? layer.outputs : 0);
    firsts_.push_back(parameters);
    parameters += layer.outputs * (layer.inputs + 1);
    widest_ = std::max({widest_, layer.inputs, layer.outputs});
  }
  reserve(input_lines_, outputs());
  firsts_.push_back(parameters);
  lines_ |= 1;
}

}  // namespace tropism::network
