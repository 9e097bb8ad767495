// SPDX-License-Identifier: MIT
#include "variance_preserving.hpp"

#include <cmath>
#include <numbers>

namespace tropism::diffusion {

// a = e^{-B/2}, v = 1 - e^{-B}
double VpLinear::signal(double t) const {
  return std::exp(-0.5 * rate_.integral(t));
}
torch::Tensor VpLinear::signal(const torch::Tensor& t) const {
  return (rate_.integral(t) * -0.5).exp();
}
double VpLinear::variance(double t) const {
  return -std::expm1(-rate_.integral(t));
}
torch::Tensor VpLinear::variance(const torch::Tensor& t) const {
  return -(-rate_.integral(t)).expm1();
}

VpCosine::VpCosine(double terminal_time, double offset, double end)
    : VariancePreserving(terminal_time),
      first_(0.5 * std::numbers::pi * offset / (1.0 + offset)),
      rate_(0.5 * std::numbers::pi * end / (1.0 + offset) / terminal_time),
      left_(0.5 * std::numbers::pi * (1.0 - end) / (1.0 + offset)) {}

// a = cos(theta_t)/cos(theta_0), as a sine of what is left: near T the cosine would lose digits
template <class Time>
Time VpCosine::signal_at(const Time& t) const {
  using std::sin;
  return sin((terminal_time() - t) * rate_ + left_) * (1.0 / std::cos(first_));
}

// 1 - a^2 = sin(theta_t - theta_0) sin(theta_t + theta_0)/cos(theta_0)^2, exact for small t
template <class Time>
Time VpCosine::variance_at(const Time& t) const {
  using std::sin;
  const double scale = 1.0 / (std::cos(first_) * std::cos(first_));
  return sin(t * rate_) * sin(t * rate_ + 2.0 * first_) * scale;
}

// f = -a'/a = theta' tan(theta_t)
double VpCosine::drift(double t) const {
  return rate_ / std::tan((terminal_time() - t) * rate_ + left_);
}
double VpCosine::signal(double t) const {
  return signal_at(t);
}
torch::Tensor VpCosine::signal(const torch::Tensor& t) const {
  return signal_at(t);
}
double VpCosine::variance(double t) const {
  return variance_at(t);
}
torch::Tensor VpCosine::variance(const torch::Tensor& t) const {
  return variance_at(t);
}

// g^2 = beta (1 - e^{-2B})
double SubVp::diffusion_squared(double t) const {
  return -rate_.at(t) * std::expm1(-2.0 * rate_.integral(t));
}

// a = e^{-B/2}, v = (1 - e^{-B})^2
double SubVp::signal(double t) const {
  return std::exp(-0.5 * rate_.integral(t));
}
torch::Tensor SubVp::signal(const torch::Tensor& t) const {
  return (rate_.integral(t) * -0.5).exp();
}
double SubVp::variance(double t) const {
  const double sigma = std::expm1(-rate_.integral(t));
  return sigma * sigma;
}
torch::Tensor SubVp::variance(const torch::Tensor& t) const {
  return (-rate_.integral(t)).expm1().square();
}

// -2 a_to int (a^{-2} - a^2) da = 2 a_to [1/a + a^3/3] between a_to and a_from
double SubVp::held_score_weight(double from, double to) const {
  const auto primitive = [](double a) { return 1.0 / a + a * a * a / 3.0; };
  return 2.0 * signal(to) * (primitive(signal(from)) - primitive(signal(to)));
}

}  // namespace tropism::diffusion
