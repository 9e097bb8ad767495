// SPDX-License-Identifier: MIT
#pragma once

#include <tropism/diffusion/forward_process.hpp>

namespace tropism::diffusion {

/// beta(t) = (beta_min + (beta_max - beta_min) t/T)/T and its integral.
class LinearRate {
 public:
  LinearRate(double terminal_time, double beta_min, double beta_max)
      : terminal_time_(terminal_time),
        at_0_(beta_min / terminal_time),
        slope_((beta_max - beta_min) / (terminal_time * terminal_time)) {}

  [[nodiscard]] double at(double t) const { return at_0_ + slope_ * t; }
  /// B(t) = int_0^t beta, of a number or a tensor.
  template <class Time>
  [[nodiscard]] Time integral(const Time& t) const {
    return t * (t * (0.5 * slope_) + at_0_);
  }
  [[nodiscard]] double terminal_time() const { return terminal_time_; }

 private:
  double terminal_time_, at_0_, slope_;
};

/// g^2 = 2 f, so that v = 1 - a^2.
class VariancePreserving : public ForwardProcess {
 public:
  using ForwardProcess::ForwardProcess;
  [[nodiscard]] double diffusion_squared(double t) const final { return 2.0 * drift(t); }
  // -2 int (a_to/a^2) da = 2 (a_to/a_from - 1)
  [[nodiscard]] double held_score_weight(double from, double to) const final {
    return 2.0 * (signal(to) / signal(from) - 1.0);
  }
};

/// [Song et al. 2021, VP SDE]
class VpLinear final : public VariancePreserving {
 public:
  explicit VpLinear(LinearRate rate) : VariancePreserving(rate.terminal_time()), rate_(rate) {}
  [[nodiscard]] double drift(double t) const override { return 0.5 * rate_.at(t); }
  [[nodiscard]] double signal(double t) const override;
  [[nodiscard]] double variance(double t) const override;
  [[nodiscard]] torch::Tensor signal(const torch::Tensor& t) const override;
  [[nodiscard]] torch::Tensor variance(const torch::Tensor& t) const override;

 private:
  LinearRate rate_;
};

/// [Nichol and Dhariwal 2021], stopped before the end of the quarter wave.
class VpCosine final : public VariancePreserving {
 public:
  VpCosine(double terminal_time, double offset, double end);
  [[nodiscard]] double drift(double t) const override;
  [[nodiscard]] double signal(double t) const override;
  [[nodiscard]] double variance(double t) const override;
  [[nodiscard]] torch::Tensor signal(const torch::Tensor& t) const override;
  [[nodiscard]] torch::Tensor variance(const torch::Tensor& t) const override;

 private:
  template <class Time>
  [[nodiscard]] Time signal_at(const Time& t) const;
  template <class Time>
  [[nodiscard]] Time variance_at(const Time& t) const;
  double first_, rate_, left_;  // theta_0, theta' and pi/2 - theta_T
};

/// [Song et al. 2021, sub-VP SDE]
class SubVp final : public ForwardProcess {
 public:
  explicit SubVp(LinearRate rate) : ForwardProcess(rate.terminal_time()), rate_(rate) {}
  [[nodiscard]] double drift(double t) const override { return 0.5 * rate_.at(t); }
  [[nodiscard]] double diffusion_squared(double t) const override;
  [[nodiscard]] double signal(double t) const override;
  [[nodiscard]] double variance(double t) const override;
  [[nodiscard]] torch::Tensor signal(const torch::Tensor& t) const override;
  [[nodiscard]] torch::Tensor variance(const torch::Tensor& t) const override;
  [[nodiscard]] double held_score_weight(double from, double to) const override;

 private:
  LinearRate rate_;
};

}  // namespace tropism::diffusion
