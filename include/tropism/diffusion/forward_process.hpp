// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/diffusion/diffusion_config.hpp>

namespace tropism::diffusion {

/// Forward process dx_t = -f(t) x_t dt + g(t) dB_t on noise times t in [0, T] [GZZ24, eqs.
/// (1)-(2)], with p_{t|0}(x | x_0) = N(a_t x_0, v_t I); a_0 = 1, v_0 = 0, and v_t/a_t^2 grows with
/// t. It knows itself and nothing about learning.
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

  /// int_to^from (a_to/a_u) g(u)^2 du: what a score that is held over the reverse step from noise
  /// time `from` down to `to` is multiplied by in the exact solution of the linear SDE.
  [[nodiscard]] virtual double held_score_weight(double from, double to) const = 0;

  [[nodiscard]] double terminal_time() const { return terminal_time_; }
  /// Standard deviation of the prior nu = N(0, v_T I), eq. (5). It leaves out the data's part of
  /// p_T, a_T x_0, which must be small beside it: where a_T is (OU, VP, sub-VP), or, a_T being 1
  /// (VE, Brownian motion), where v_T is large beside the data's own mean square.
  [[nodiscard]] double prior_std() const;
  /// rho_t = sqrt(v_t)/a_t, the noise-to-signal ratio: 0 at t = 0, strictly rising.
  [[nodiscard]] double noise_to_signal(double t) const;

 private:
  double terminal_time_;
};

/// f and g constant: a_t = e^{-f t}, v_t = g^2 (1 - e^{-2 f t}) / (2 f); eq. (32) for f = 1, g =
/// sqrt 2. With f = 0, a_t = 1 and v_t = g^2 t: the variance-exploding process of [GZZ24, 7.1].
class OrnsteinUhlenbeck final : public ForwardProcess {
 public:
  OrnsteinUhlenbeck(double terminal_time, double drift, double diffusion);
  [[nodiscard]] double drift(double t) const override;
  [[nodiscard]] double diffusion_squared(double t) const override;
  [[nodiscard]] double signal(double t) const override;
  [[nodiscard]] double variance(double t) const override;
  [[nodiscard]] torch::Tensor signal(const torch::Tensor& t) const override;
  [[nodiscard]] torch::Tensor variance(const torch::Tensor& t) const override;
  [[nodiscard]] double held_score_weight(double from, double to) const override;

 private:
  double drift_;
  double diffusion_;
};

/// With u = t/T:
///   vp-linear   f = beta/2, g^2 = beta, beta = (beta_min + (beta_max - beta_min) u)/T;
///               a = e^{-B/2}, v = 1 - e^{-B}, B = int_0^t beta
///   vp-cosine   a = cos(theta_t)/cos(theta_0), v = 1 - a^2, theta_t linear in t from
///               (pi/2) s/(1 + s) to (pi/2) (end + s)/(1 + s); end < 1 keeps a_T above 0
///   ve          a = 1, v = sigma_min^2 ((sigma_max/sigma_min)^{2u} - 1): sigma(t)^2 - sigma(0)^2,
///               so that v_0 = 0
///   sub-vp      f and a of vp-linear, v = (1 - e^{-B})^2, g^2 = beta (1 - e^{-2B})
/// @throws ConfigError   for a kind or a value that makes no sense, or one that leaves so little
///                       signal at T that float32 cannot hold v_T/a_T^2
[[nodiscard]] std::shared_ptr<const ForwardProcess> make_process(const ProcessConfig& config);

}  // namespace tropism::diffusion
