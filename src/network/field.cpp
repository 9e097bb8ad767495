// SPDX-License-Identifier: MIT
#include <tropism/network/field.hpp>

namespace tropism::network {

torch::Tensor column_of(const torch::Tensor& t, const torch::Tensor& z) {
  return t.unsqueeze(1).expand({z.size(0), 1});
}

torch::Tensor NetworkField::forward(const torch::Tensor& t, const torch::Tensor& z) const {
  return network_->forward(torch::cat({column_of(t, z), z}, 1));
}

}  // namespace tropism::network
