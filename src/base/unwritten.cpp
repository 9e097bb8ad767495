// SPDX-License-Identifier: MIT
#include <tropism/base/unwritten.hpp>

#include <ATen/EmptyTensor.h>

namespace tropism::base {

torch::Tensor unwritten(torch::IntArrayRef sizes, torch::ScalarType type) {
  return at::detail::empty_cpu(sizes, type);
}

}  // namespace tropism::base
