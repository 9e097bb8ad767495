// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/diffusion/diffusion_config.hpp>

namespace tropism::diffusion {

/// Forward process dx_t = -f(t) x_t dt + g(t) dB_t on noise times t in [0, T] [GZZ24, eqs.
/// (1)-(2)], with p_{t|0}(x | x_0) = N(a_t x_0, v_t I). It knows itself and nothing about learning.
class ForwardProcess {
 public:
  explicit ForwardProcess(double terminal_time) : terminal_time_(terminal_time) {}
  virtual ~ForwardProcess() = default;

  [[nodiscard]] virtual double drift(double t) const = 0;              // f(t)
  [[nodiscard]] virtual double diffusion_squared(double t) const = 0;  // g(t)^2
  [[nodiscard]] virtual double signal(double t) const = 0;             // a_t
  [[nodiscard]] virtual double variance(double t) const = 0;           // v_t
  /// The same elementwise, in the dtype and shape of t.
  [[nodiscard]] virtual torch::Tensor signal(const torch::Tensor& t) const = 0;
  [[nodiscard]] virtual torch::Tensor variance(const torch::Tensor& t) const = 0;

  [[nodiscard]] double terminal_time() const { return terminal_time_; }
  /// Standard deviation of the prior nu = N(0, v_T I), eq. (5).
  [[nodiscard]] double prior_std() const;

 private:
  double terminal_time_;
};

/// f and g constant: a_t = e^{-f t}, v_t = g^2 (1 - e^{-2 f t}) / (2 f); eq. (32) for f = 1, g =
/// sqrt 2.
class OrnsteinUhlenbeck final : public ForwardProcess {
 public:
  OrnsteinUhlenbeck(double terminal_time, double drift, double diffusion);
  [[nodiscard]] double drift(double t) const override;
  [[nodiscard]] double diffusion_squared(double t) const override;
  [[nodiscard]] double signal(double t) const override;
  [[nodiscard]] double variance(double t) const override;
  [[nodiscard]] torch::Tensor signal(const torch::Tensor& t) const override;
  [[nodiscard]] torch::Tensor variance(const torch::Tensor& t) const override;

 private:
  double drift_;
  double diffusion_;
};

/// @throws ConfigError   for a kind or a value that makes no sense
[[nodiscard]] std::shared_ptr<const ForwardProcess> make_process(const ProcessConfig& config);

}  // namespace tropism::diffusion
