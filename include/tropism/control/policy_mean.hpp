// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>
#include <string>

#include <tropism/network/field.hpp>
#include <tropism/network/preconditioning.hpp>
#include <tropism/score/score_function.hpp>

namespace tropism::control {

/// Mean mu^psi of the Gaussian policy N(mu^psi(t, y), theta/(2 g^2) I), [GZZ24, eq. (25)].
/// With x at noise time tau, t = T - tau, and N(a m, (a^2 var + v) I) the Gaussian fit to the
/// noised data:
///   plain            mu = net(t, x)                                              (published)
///   preconditioned   mu = score of the fit + net(log(v/a^2)/4, normalised x) / sqrt(v)
class PolicyMean final : public score::ScoreFunction {
 public:
  /// @param form   plain | preconditioned
  PolicyMean(const std::string& form, std::shared_ptr<const network::NoisedGaussianFit> fit,
             std::shared_ptr<const network::Field> field);
  [[nodiscard]] torch::Tensor score(const torch::Tensor& x, const torch::Tensor& t) const override;

 private:
  bool preconditioned_;
  std::shared_ptr<const network::NoisedGaussianFit> fit_;
  std::shared_ptr<const network::Field> field_;
};

}  // namespace tropism::control
