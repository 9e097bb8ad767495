// SPDX-License-Identifier: MIT
#include "variance_exploding.hpp"

#include <cmath>

namespace tropism::diffusion {

VarianceExploding::VarianceExploding(double terminal_time, double sigma_min, double sigma_max)
    : ForwardProcess(terminal_time),
      first_(sigma_min * sigma_min),
      rate_(2.0 * std::log(sigma_max / sigma_min) / terminal_time) {}

double VarianceExploding::drift(double /*t*/) const {
  return 0.0;
}

// g^2 = v'
double VarianceExploding::diffusion_squared(double t) const {
  return first_ * rate_ * std::exp(t * rate_);
}

double VarianceExploding::signal(double /*t*/) const {
  return 1.0;
}
torch::Tensor VarianceExploding::signal(const torch::Tensor& t) const {
  return torch::ones_like(t);
}

// v = sigma_min^2 ((sigma_max/sigma_min)^{2 t/T} - 1)
double VarianceExploding::variance(double t) const {
  return std::expm1(t * rate_) * first_;
}
torch::Tensor VarianceExploding::variance(const torch::Tensor& t) const {
  return (t * rate_).expm1() * first_;
}

double VarianceExploding::held_score_weight(double from, double to) const {
  return variance(from) - variance(to);
}

}  // namespace tropism::diffusion
