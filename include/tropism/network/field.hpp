// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <initializer_list>
#include <memory>

#include <tropism/network/network.hpp>

namespace tropism::network {

/// A function of time and state. Policy means and value functions are written in terms of fields,
/// so that whatever else a network looks at (a context, say) can be bound into a field beforehand.
class Field {
 public:
  virtual ~Field() = default;

  /// @param t   time as the network sees it, [n], or [1] for all rows
  /// @param z   states as the network sees them, [n, D]
  /// @return    [n, outputs]
  [[nodiscard]] virtual torch::Tensor forward(const torch::Tensor& t,
                                              const torch::Tensor& z) const = 0;
};

/// Times that are views of one number (score::time_of_all) as that one, [1]; others as they are.
[[nodiscard]] torch::Tensor distinct(const torch::Tensor& t);

/// Times t, [n] or [1], as a column, and beside them the columns of others, at least one, each
/// [n, ..]: what a network takes.
[[nodiscard]] torch::Tensor beside_times(const torch::Tensor& t,
                                         std::initializer_list<torch::Tensor> others);

/// A network on (t, z) concatenated.
class NetworkField final : public Field {
 public:
  explicit NetworkField(std::shared_ptr<const Network> network) : network_(std::move(network)) {}
  [[nodiscard]] torch::Tensor forward(const torch::Tensor& t,
                                      const torch::Tensor& z) const override;

 private:
  std::shared_ptr<const Network> network_;
};

}  // namespace tropism::network
