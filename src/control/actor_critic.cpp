// SPDX-License-Identifier: MIT
#include <tropism/control/actor_critic.hpp>
#include <tropism/network/recorded_mlp.hpp>

namespace tropism::control {
namespace {

constexpr std::int64_t value_parameters_from =
    1000;  // random streams of the value network's weights start here

}  // namespace

ActorCritic::ActorCritic(ModelSetting setting)
    : setting_(std::move(setting)),
      fit_(std::make_shared<network::NoisedGaussianFit>(setting_.process, setting_.moments)) {
  const std::int64_t inputs = 1 + setting_.dimension + setting_.features;
  // A residual starts at zero: the policy is then the score of the Gaussian fit, J what the data or
  // h say.
  const auto policy_last = setting_.policy.mean == "preconditioned" ? network::LastLayer::zero
                                                                    : network::LastLayer::random;
  const auto value_last =
      setting_.value.inputs == "normalised" ? network::LastLayer::zero : network::LastLayer::random;
  policy_ = register_module(
      "policy", std::make_shared<network::Mlp>(inputs, setting_.dimension, setting_.policy.mlp,
                                               policy_last, setting_.seed, 0));
  policy_->compute_on(setting_.device);
  if (setting_.value.network == "none") return;
  value_ = register_module("value",
                           std::make_shared<network::Mlp>(inputs, 1, setting_.value.mlp, value_last,
                                                          setting_.seed, value_parameters_from));
  value_->compute_on(setting_.device);
}

std::shared_ptr<const PolicyMean> ActorCritic::policy_mean(const FieldOf& field_of) const {
  return std::make_shared<PolicyMean>(setting_.policy.mean, fit_, field_of(policy_));
}

std::shared_ptr<const PolicyMean> ActorCritic::recorded_policy_mean(const FieldOf& field_of,
                                                                    std::int64_t rows) const {
  return std::make_shared<PolicyMean>(
      setting_.policy.mean, fit_, field_of(std::make_shared<network::RecordedMlp>(policy_, rows)));
}

std::shared_ptr<const ValueFunction> ActorCritic::value_function(const FieldOf& field_of) const {
  return std::make_shared<ValueFunction>(setting_.value, setting_.beta, setting_.reward, fit_,
                                         value_ ? field_of(value_) : nullptr,
                                         policy_mean(field_of));
}

std::int64_t ActorCritic::policy_size() const {
  std::int64_t size = 0;
  for (const auto& parameter : policy_->parameters()) size += parameter.numel();
  return size;
}

}  // namespace tropism::control
