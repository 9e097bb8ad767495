// SPDX-License-Identifier: MIT
#include <tropism/score/gaussian_mixture.hpp>

#include <cmath>
#include <numbers>

#include "by_noise_time.hpp"

namespace tropism::score {
namespace {

/// log( weights_k N(x_i; means_k, variances_k) ), [B, n], float64.
torch::Tensor log_terms(const GaussianMixture& mixture, const torch::Tensor& x) {
  const auto squared = (x.to(torch::kFloat64).unsqueeze(1) - mixture.means).square().sum(2);
  const auto dimension = static_cast<double>(mixture.means.size(1));
  return mixture.weights.log() - squared / (2.0 * mixture.variances) -
         0.5 * dimension * (2.0 * std::numbers::pi * mixture.variances).log();
}

/// log int N(x; mean, s) e^{-(beta/2)|x - target|^2} dx
///   = -(D/2) log(1 + beta s) - (beta/2) |mean - target|^2 / (1 + beta s), [n]
torch::Tensor log_quadratic_factors(const GaussianMixture& mixture, double beta,
                                    const torch::Tensor& target) {
  const auto spread = 1.0 + beta * mixture.variances;
  const auto squared = (mixture.means - target.to(torch::kFloat64)).square().sum(1);
  return -0.5 * static_cast<double>(mixture.means.size(1)) * spread.log() -
         0.5 * beta * squared / spread;
}

}  // namespace

torch::Tensor GaussianMixture::log_density(const torch::Tensor& x) const {
  return log_terms(*this, x).logsumexp(1);
}

torch::Tensor GaussianMixture::score(const torch::Tensor& x) const {
  const auto responsibilities = torch::softmax(log_terms(*this, x), 1);
  const auto pulls = (means - x.to(torch::kFloat64).unsqueeze(1)) / variances.unsqueeze(1);
  return (responsibilities.unsqueeze(2) * pulls).sum(1).to(x.dtype());
}

GaussianMixture GaussianMixture::noised(double signal, double variance) const {
  return {weights, means * signal, variances * (signal * signal) + variance};
}

GaussianMixture GaussianMixture::tilted_quadratic(double beta, const torch::Tensor& target) const {
  const auto spread = 1.0 + beta * variances;
  const auto tilted_weights =
      torch::softmax(weights.log() + log_quadratic_factors(*this, beta, target), 0);
  const auto tilted_means =
      (means + beta * variances.unsqueeze(1) * target.to(torch::kFloat64)) / spread.unsqueeze(1);
  return {tilted_weights, tilted_means, variances / spread};
}

double GaussianMixture::log_normaliser_quadratic(double beta, const torch::Tensor& target) const {
  return (weights.log() + log_quadratic_factors(*this, beta, target)).logsumexp(0).item<double>();
}

GaussianMixture GaussianMixture::tilted_linear(double beta,
                                               const torch::Tensor& reward_weights) const {
  // N(m, s) e^{c.x} ~ N(m + s c, s) e^{c.m + s |c|^2 / 2},  c = beta/2 weights
  const auto c = reward_weights.to(torch::kFloat64) * (0.5 * beta);
  const auto factors = (means * c).sum(1) + 0.5 * variances * c.square().sum();
  return {torch::softmax(weights.log() + factors, 0), means + variances.unsqueeze(1) * c,
          variances};
}

torch::Tensor MixtureScore::score(const torch::Tensor& x, const torch::Tensor& t) const {
  return score_by_noise_time(x, t, [this](const torch::Tensor& points, double time) {
    return mixture_.noised(process_->signal(time), process_->variance(time)).score(points);
  });
}

}  // namespace tropism::score
