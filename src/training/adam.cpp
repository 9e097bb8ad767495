// SPDX-License-Identifier: MIT
#include <tropism/training/adam.hpp>

#include <cmath>
#include <numbers>

#include "adam_step.hpp"

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

void Adam::step_part(torch::Tensor values, const torch::Tensor& gradients, std::int64_t first,
                     double rate) {
  double factor = 1.0;
  if (config_.clip_norm > 0.0) {
    const double norm = gradients.norm().item<double>();
    if (norm > config_.clip_norm) factor = config_.clip_norm / norm;
  }
  const auto count = static_cast<double>(steps);
  const AdamStep by = {.factor = static_cast<float>(factor),
                       .beta1 = static_cast<float>(config_.beta1),
                       .beta2 = static_cast<float>(config_.beta2),
                       .rest1 = static_cast<float>(1.0 - config_.beta1),
                       .rest2 = static_cast<float>(1.0 - config_.beta2),
                       .rate = static_cast<float>(rate / (1.0 - std::pow(config_.beta1, count))),
                       .of_v = static_cast<float>(1.0 / (1.0 - std::pow(config_.beta2, count))),
                       .epsilon = static_cast<float>(config_.epsilon)};
  take_step(by, gradients.contiguous().data_ptr<float>(), values.numel(),
            first_moment.data_ptr<float>() + first, second_moment.data_ptr<float>() + first,
            values.data_ptr<float>());
}

double rate_factor(const OptimizerConfig& config, std::int64_t episode, std::int64_t episodes) {
  if (config.schedule == "constant") return 1.0;
  return 0.5 * (1.0 + std::cos(std::numbers::pi * static_cast<double>(episode) /
                               static_cast<double>(episodes)));
}

}  // namespace tropism::training
