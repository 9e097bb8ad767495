// SPDX-License-Identifier: MIT
#include <tropism/control/policy_mean.hpp>

namespace tropism::control {

PolicyMean::PolicyMean(const std::string& form,
                       std::shared_ptr<const network::NoisedGaussianFit> fit,
                       std::shared_ptr<const network::Field> field)
    : preconditioned_(form == "preconditioned"), fit_(std::move(fit)), field_(std::move(field)) {}

torch::Tensor PolicyMean::score(const torch::Tensor& x, const torch::Tensor& t) const {
  const auto& process = fit_->process();
  if (!preconditioned_) return field_->forward(process.terminal_time() - t, x);
  const auto residual = field_->forward(fit_->noise_level(t), fit_->normalise(x, t));
  return fit_->score(x, t) + residual / process.variance(t).sqrt().unsqueeze(1);
}

}  // namespace tropism::control
