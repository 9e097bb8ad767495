// SPDX-License-Identifier: MIT
#include <tropism/training/adam.hpp>

#include <cmath>
#include <numbers>

namespace tropism::training {

Adam::Adam(const OptimizerConfig& config, std::int64_t policy_size, std::int64_t size)
    : first_moment(torch::zeros({size})),
      second_moment(torch::zeros({size})),
      config_(config),
      policy_size_(policy_size) {}

void Adam::step(torch::Tensor& values, const torch::Tensor& gradients, double factor) {
  ++steps;
  const std::int64_t value_size = values.size(0) - policy_size_;
  step_part(values.narrow(0, 0, policy_size_), gradients.narrow(0, 0, policy_size_), 0,
            factor * config_.learning_rate);
  if (value_size > 0)
    step_part(values.narrow(0, policy_size_, value_size),
              gradients.narrow(0, policy_size_, value_size), policy_size_,
              factor * config_.value_learning_rate);
}

void Adam::step_part(torch::Tensor values, torch::Tensor gradients, std::int64_t first,
                     double rate) {
  if (config_.clip_norm > 0.0) {
    const double norm = gradients.norm().item<double>();
    if (norm > config_.clip_norm) gradients = gradients * (config_.clip_norm / norm);
  }
  auto m = first_moment.narrow(0, first, values.size(0));
  auto v = second_moment.narrow(0, first, values.size(0));
  m.mul_(config_.beta1).add_(gradients, 1.0 - config_.beta1);
  v.mul_(config_.beta2).addcmul_(gradients, gradients, 1.0 - config_.beta2);
  // theta -= rate * m_hat / (sqrt(v_hat) + epsilon)
  const double m_correction = 1.0 - std::pow(config_.beta1, static_cast<double>(steps));
  const double v_correction = 1.0 - std::pow(config_.beta2, static_cast<double>(steps));
  values.addcdiv_(m, (v / v_correction).sqrt_().add_(config_.epsilon), -rate / m_correction);
}

double rate_factor(const OptimizerConfig& config, std::int64_t episode, std::int64_t episodes) {
  if (config.schedule == "constant") return 1.0;
  return 0.5 * (1.0 + std::cos(std::numbers::pi * static_cast<double>(episode) /
                               static_cast<double>(episodes)));
}

}  // namespace tropism::training
