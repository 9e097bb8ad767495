// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

namespace tropism::network {

/// All parameters of a network in one flat float32 buffer [P], and all gradients in another: they
/// travel, are clipped and stepped as one. The module's parameters become views of the buffer.
class FlatParameters {
 public:
  explicit FlatParameters(torch::nn::Module& module);

  [[nodiscard]] torch::Tensor& values() { return values_; }
  [[nodiscard]] const torch::Tensor& values() const { return values_; }
  [[nodiscard]] torch::Tensor& gradients() { return gradients_; }
  [[nodiscard]] std::int64_t size() const { return values_.numel(); }

  /// A buffer [P] seen as the named parameters of the module, in their shapes.
  [[nodiscard]] std::vector<std::pair<std::string, torch::Tensor>> named(
      const torch::Tensor& buffer) const;

 private:
  struct Slot {
    std::string name;
    std::int64_t offset;
    std::vector<std::int64_t> shape;
  };
  std::vector<Slot> slots_;
  torch::Tensor values_;
  torch::Tensor gradients_;
};

}  // namespace tropism::network
