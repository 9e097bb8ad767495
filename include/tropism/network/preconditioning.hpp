// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>

#include <tropism/diffusion/forward_process.hpp>

namespace tropism::network {

/// First two moments of the data: mean [D] and one variance, the average over the D coordinates.
struct Moments {
  torch::Tensor mean;     // [D], float32
  double variance = 1.0;  // > 0
};

/// The Gaussian fit N(m, var I) to the data, noised: N(a_t m, (a_t^2 var + v_t) I).
class NoisedGaussianFit {
 public:
  NoisedGaussianFit(std::shared_ptr<const diffusion::ForwardProcess> process, Moments moments);

  /// (x - a_t m) / sqrt(a_t^2 var + v_t), [n, D], for x [n, D] and noise times t [n].
  [[nodiscard]] torch::Tensor normalise(const torch::Tensor& x, const torch::Tensor& t) const;
  /// log(v_t/a_t^2)/4, [n]: the noise time as a network sees it best, for its scale is even where
  /// the score changes fast (c_noise of Karras et al., 2022, Table 1).
  [[nodiscard]] torch::Tensor noise_level(const torch::Tensor& t) const;
  /// Its score, -(x - a_t m) / (a_t^2 var + v_t), [n, D].
  [[nodiscard]] torch::Tensor score(const torch::Tensor& x, const torch::Tensor& t) const;
  [[nodiscard]] const diffusion::ForwardProcess& process() const { return *process_; }

 private:
  [[nodiscard]] torch::Tensor centred(const torch::Tensor& x, const torch::Tensor& t) const;
  [[nodiscard]] torch::Tensor total_variance(const torch::Tensor& t) const;
  std::shared_ptr<const diffusion::ForwardProcess> process_;
  Moments moments_;
};

}  // namespace tropism::network
