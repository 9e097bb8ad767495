// SPDX-License-Identifier: MIT
#include <cmath>

#include <tropism/diffusion/forward_process.hpp>

namespace tropism::diffusion {

OrnsteinUhlenbeck::OrnsteinUhlenbeck(double terminal_time, double drift, double diffusion)
    : ForwardProcess(terminal_time), drift_(drift), diffusion_(diffusion) {}

double OrnsteinUhlenbeck::drift(double /*t*/) const {
  return drift_;
}

double OrnsteinUhlenbeck::diffusion_squared(double /*t*/) const {
  return diffusion_ * diffusion_;
}

// a_t = e^{-f t}
double OrnsteinUhlenbeck::signal(double t) const {
  return std::exp(t * -drift_);
}
torch::Tensor OrnsteinUhlenbeck::signal(const torch::Tensor& t) const {
  return (t * -drift_).exp();
}

// v_t = g^2 (1 - e^{-2 f t}) / (2 f); expm1 keeps it exact for small t
double OrnsteinUhlenbeck::variance(double t) const {
  if (drift_ == 0.0) return t * (diffusion_ * diffusion_);
  return std::expm1(t * (-2.0 * drift_)) * (-diffusion_ * diffusion_ / (2.0 * drift_));
}
torch::Tensor OrnsteinUhlenbeck::variance(const torch::Tensor& t) const {
  if (drift_ == 0.0) return t * (diffusion_ * diffusion_);
  return (t * (-2.0 * drift_)).expm1() * (-diffusion_ * diffusion_ / (2.0 * drift_));
}

// g^2 (e^{f dt} - 1) / f
double OrnsteinUhlenbeck::held_score_weight(double from, double to) const {
  if (drift_ == 0.0) return (from - to) * (diffusion_ * diffusion_);
  return std::expm1((from - to) * drift_) * (diffusion_ * diffusion_ / drift_);
}

}  // namespace tropism::diffusion
