// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/control/actor_critic.hpp>
#include <tropism/network/field.hpp>

namespace tropism::conditional {

/// The network on (t, z, c) with one context bound per trajectory: a field like any other. Asked
/// about K times as many rows as it has contexts, it takes them as K steps of the same
/// trajectories, [K B].
class ContextField final : public network::Field {
 public:
  /// @param features   of each trajectory's context, [B, C]
  ContextField(std::shared_ptr<const network::Network> network, torch::Tensor features)
      : network_(std::move(network)), features_(std::move(features)) {}
  [[nodiscard]] torch::Tensor forward(const torch::Tensor& t,
                                      const torch::Tensor& z) const override;

 private:
  std::shared_ptr<const network::Network> network_;
  torch::Tensor features_;
};

/// Binds the features of contexts, float32 [B, C].
[[nodiscard]] control::FieldOf with_features(torch::Tensor features);

/// Binds the labels at `places` (int64 [B]) of `num_labels`, as indicator vectors [B, num_labels].
[[nodiscard]] control::FieldOf with_labels(const torch::Tensor& places, std::int64_t num_labels);

}  // namespace tropism::conditional
