// SPDX-License-Identifier: MIT
#include <tropism/control/policy_mean.hpp>

namespace tropism::control {

PolicyMean::PolicyMean(const std::string& form,
                       std::shared_ptr<const network::NoisedGaussianFit> fit,
                       std::shared_ptr<const network::Field> field)
    : preconditioned_(form == "preconditioned"), fit_(std::move(fit)), field_(std::move(field)) {}

torch::Tensor PolicyMean::score(const torch::Tensor& x, const torch::Tensor& t) const {
  if (!preconditioned_) return field_->forward(fit_->time_passed(t), x);
  const auto fit = fit_->at(t);
  return fit.score(x, field_->forward(fit.noise_level(), fit.normalise(x)));
}

}  // namespace tropism::control
