// SPDX-License-Identifier: MIT
#include <tropism/network/field.hpp>

namespace tropism::network {

torch::Tensor NetworkField::forward(const torch::Tensor& t, const torch::Tensor& z) const {
  return network_->forward(torch::cat({t.unsqueeze(1), z}, 1));
}

}  // namespace tropism::network
