// SPDX-License-Identifier: MIT
#pragma once

#include <tropism/diffusion/forward_process.hpp>

namespace tropism::diffusion {

/// [Song et al. 2021, VE SDE], with the noise that it starts with, sigma_min, left out.
class VarianceExploding final : public ForwardProcess {
 public:
  VarianceExploding(double terminal_time, double sigma_min, double sigma_max);
  [[nodiscard]] double drift(double t) const override;
  [[nodiscard]] double diffusion_squared(double t) const override;
  [[nodiscard]] double signal(double t) const override;
  [[nodiscard]] double variance(double t) const override;
  [[nodiscard]] torch::Tensor signal(const torch::Tensor& t) const override;
  [[nodiscard]] torch::Tensor variance(const torch::Tensor& t) const override;
  [[nodiscard]] double held_score_weight(double from, double to) const override;

 private:
  double first_;  // sigma_min^2
  double rate_;   // d log sigma^2/dt
};

}  // namespace tropism::diffusion
