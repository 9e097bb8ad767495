// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace tropism::network {

/// A network [n, inputs] -> [n, outputs], each row for itself.
class Network {
 public:
  virtual ~Network() = default;
  [[nodiscard]] virtual torch::Tensor forward(const torch::Tensor& input) const = 0;
};

}  // namespace tropism::network
