// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/diffusion/forward_process.hpp>
#include <tropism/score/score_function.hpp>

namespace tropism::score {

/// p(x) = sum_k weights_k N(x; means_k, variances_k I).
struct GaussianMixture {
  torch::Tensor weights;    // [n], positive, sum 1
  torch::Tensor means;      // [n, D]
  torch::Tensor variances;  // [n], positive

  [[nodiscard]] torch::Tensor log_density(const torch::Tensor& x) const;  // [B, D] -> [B]
  [[nodiscard]] torch::Tensor score(const torch::Tensor& x) const;        // [B, D] -> [B, D]
  /// The law of a x + sqrt(v) xi.
  [[nodiscard]] GaussianMixture noised(double signal, double variance) const;
  /// The normalised density p(x) e^{(beta/2) h(x)} for h(x) = -|x - target|^2 (D3), and the
  /// logarithm of what it was divided by.
  [[nodiscard]] GaussianMixture tilted_quadratic(double beta, const torch::Tensor& target) const;
  [[nodiscard]] double log_normaliser_quadratic(double beta, const torch::Tensor& target) const;
  /// The normalised density p(x) e^{(beta/2) weights . x}.
  [[nodiscard]] GaussianMixture tilted_linear(double beta,
                                              const torch::Tensor& reward_weights) const;
};

/// Exact score of a noised Gaussian mixture: closed form that estimators, samplers and the trainer
/// are tested against. Computes in float64, returns the dtype of x.
class MixtureScore final : public ScoreFunction {
 public:
  MixtureScore(std::shared_ptr<const diffusion::ForwardProcess> process, GaussianMixture mixture)
      : process_(std::move(process)), mixture_(std::move(mixture)) {}
  [[nodiscard]] torch::Tensor score(const torch::Tensor& x, const torch::Tensor& t) const override;

 private:
  std::shared_ptr<const diffusion::ForwardProcess> process_;
  GaussianMixture mixture_;
};

}  // namespace tropism::score
