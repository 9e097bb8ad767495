// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <functional>
#include <memory>

#include <tropism/control/control_config.hpp>
#include <tropism/control/policy_mean.hpp>
#include <tropism/control/value_function.hpp>
#include <tropism/network/mlp.hpp>
#include <tropism/network/preconditioning.hpp>
#include <tropism/reward/reward.hpp>

namespace tropism::control {

/// Turns a network into a field: NetworkField without contexts, or one that has a context bound
/// into it.
using FieldOf =
    std::function<std::shared_ptr<const network::Field>(std::shared_ptr<const network::Network>)>;

/// What the networks are told about the data and the reward.
struct ModelSetting {
  PolicyConfig policy;
  ValueConfig value;
  double beta = 0.0;
  std::shared_ptr<const reward::Reward> reward;
  std::shared_ptr<const diffusion::ForwardProcess> process;
  network::Moments moments;    // of the data
  std::int64_t dimension = 1;  // D
  std::int64_t features = 0;   // C: numbers a context adds to the input of the networks
  std::uint64_t seed = 1;
  torch::Device device = torch::kCPU;  // that computes the networks (network::Mlp::compute_on)
};

/// The two networks, as the submodules `policy` and `value` (the latter absent with value.network =
/// "none"), and how a policy mean and a value function are made of them.
class ActorCritic : public torch::nn::Module {
 public:
  explicit ActorCritic(ModelSetting setting);

  [[nodiscard]] std::shared_ptr<const PolicyMean> policy_mean(const FieldOf& field_of) const;
  /// The same for one roll-out of `rows` states in all: the losses then find the passes of the
  /// roll-out ready (network::RecordedMlp).
  [[nodiscard]] std::shared_ptr<const PolicyMean> recorded_policy_mean(const FieldOf& field_of,
                                                                       std::int64_t rows) const;
  [[nodiscard]] std::shared_ptr<const ValueFunction> value_function(const FieldOf& field_of) const;
  [[nodiscard]] const ModelSetting& setting() const { return setting_; }
  [[nodiscard]] const network::Mlp& policy() const { return *policy_; }
  /// Null with value.network = "none".
  [[nodiscard]] const network::Mlp* value() const { return value_.get(); }
  /// Parameters of the policy network; in the order of `parameters()` they come first.
  [[nodiscard]] std::int64_t policy_size() const;

 private:
  ModelSetting setting_;
  std::shared_ptr<const network::NoisedGaussianFit> fit_;
  std::shared_ptr<network::Mlp> policy_;
  std::shared_ptr<network::Mlp> value_;
};

}  // namespace tropism::control
