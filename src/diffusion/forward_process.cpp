// SPDX-License-Identifier: MIT
#include <tropism/diffusion/forward_process.hpp>

#include <cmath>

#include <tropism/base/error.hpp>

namespace tropism::diffusion {

double ForwardProcess::prior_std() const {
  return std::sqrt(variance(terminal_time_));
}

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
  return std::expm1(t * (-2.0 * drift_)) * (-diffusion_ * diffusion_ / (2.0 * drift_));
}
torch::Tensor OrnsteinUhlenbeck::variance(const torch::Tensor& t) const {
  return (t * (-2.0 * drift_)).expm1() * (-diffusion_ * diffusion_ / (2.0 * drift_));
}

std::shared_ptr<const ForwardProcess> make_process(const ProcessConfig& config) {
  config.validate();
  return std::make_shared<OrnsteinUhlenbeck>(config.terminal_time, config.drift, config.diffusion);
}

}  // namespace tropism::diffusion
