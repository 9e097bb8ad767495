// SPDX-License-Identifier: MIT
#include "several_stages.hpp"

#include <cmath>

namespace tropism::diffusion {
namespace {

/// sigma = sqrt(v), a and rho = sigma/a at a noise time.
struct Level {
  Level(const ForwardProcess& process, double noise_time)
      : sigma(std::sqrt(process.variance(noise_time))),
        a(process.signal(noise_time)),
        rho(sigma / a) {}
  double sigma, a, rho;
};

class HeunStepper final : public Stepper {
 public:
  explicit HeunStepper(const ForwardProcess& process) : process_(process) {}

  [[nodiscard]] torch::Tensor step(Step step, const torch::Tensor& y, const torch::Tensor& action,
                                   const torch::Tensor& /*noise*/,
                                   const ActionAt& action_at) override {
    const Level s(process_, step.from), t(process_, step.to);
    const double h = t.a * (s.rho - t.rho);
    // y' = (a_t/a_s) y + a_t (rho_s - rho_t) sigma_s a
    const auto euler = (y * (t.a / s.a)).add_(action, h * s.sigma);
    if (step.to == 0.0) return euler;
    // the mean of both ends' slopes in the place of the first
    const auto second = action_at(euler, step.to);
    return (y * (t.a / s.a)).add_(action, 0.5 * h * s.sigma).add_(second, 0.5 * h * t.sigma);
  }

 private:
  const ForwardProcess& process_;
};

class DpmSolver2MStepper final : public Stepper {
 public:
  explicit DpmSolver2MStepper(const ForwardProcess& process) : process_(process) {}

  [[nodiscard]] torch::Tensor step(Step step, const torch::Tensor& y, const torch::Tensor& action,
                                   const torch::Tensor& /*noise*/,
                                   const ActionAt& /*action_at*/) override {
    const Level s(process_, step.from), t(process_, step.to);
    auto x0 = (y + action * (s.sigma * s.sigma)) / s.a;
    if (step.to == 0.0) return x0;
    const double h = std::log(s.rho / t.rho);
    auto data = x0;
    if (x0_before_.defined()) {
      // D = x0 + (x0 - x0_before)/(2 r), r = h_before/h
      data = x0 + (x0 - x0_before_) * (0.5 * h / h_before_);
    }
    x0_before_ = std::move(x0);
    h_before_ = h;
    // y' = (sigma_t/sigma_s) y + a_t (1 - e^{-h}) D
    return (y * (t.sigma / s.sigma)).add_(data, t.a * -std::expm1(-h));
  }

 private:
  const ForwardProcess& process_;
  torch::Tensor x0_before_;  // of the step before, undefined at the first one
  double h_before_ = 0.0;    // by which log(1/rho) rose in it
};

class DeisStepper final : public Stepper {
 public:
  explicit DeisStepper(const ForwardProcess& process) : process_(process) {}

  [[nodiscard]] torch::Tensor step(Step step, const torch::Tensor& y, const torch::Tensor& action,
                                   const torch::Tensor& /*noise*/,
                                   const ActionAt& /*action_at*/) override {
    const Level s(process_, step.from), t(process_, step.to);
    const double h = s.rho - t.rho;
    auto slope = action * s.sigma;
    auto next = y * (t.a / s.a);
    // y'/a_t = y/a_s + h ((1 + h/(2 h_before)) slope - h/(2 h_before) slope_before)
    const double extrapolated = slope_before_.defined() ? 0.5 * h / h_before_ : 0.0;
    next.add_(slope, t.a * h * (1.0 + extrapolated));
    if (slope_before_.defined()) next.sub_(slope_before_, t.a * h * extrapolated);
    slope_before_ = std::move(slope);
    h_before_ = h;
    return next;
  }

 private:
  const ForwardProcess& process_;
  torch::Tensor slope_before_;  // sigma a of the step before, undefined at the first one
  double h_before_ = 0.0;       // by which rho fell in it
};

}  // namespace

std::unique_ptr<Stepper> Heun::start(const ForwardProcess& process) const {
  return std::make_unique<HeunStepper>(process);
}

std::unique_ptr<Stepper> DpmSolver2M::start(const ForwardProcess& process) const {
  return std::make_unique<DpmSolver2MStepper>(process);
}

std::unique_ptr<Stepper> Deis::start(const ForwardProcess& process) const {
  return std::make_unique<DeisStepper>(process);
}

}  // namespace tropism::diffusion
