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

/// The Gaussian fit N(m, var I) to the data as it stands at noise times t: N(a_t m, (a_t^2 var +
/// v_t) I). Times [n] give each row its own; one time, [1], holds for all rows.
class NoisedGaussian {
 public:
  NoisedGaussian(const diffusion::ForwardProcess& process, const Moments& moments,
                 const torch::Tensor& t);

  /// (x - a_t m) / sqrt(a_t^2 var + v_t), [n, D], for x [n, D].
  [[nodiscard]] torch::Tensor normalise(const torch::Tensor& x) const;
  /// log(v_t/a_t^2)/4, of as many as there are times: the noise time as a network sees it best, for
  /// its scale is even where the score changes fast (c_noise of Karras et al., 2022, Table 1).
  [[nodiscard]] torch::Tensor noise_level() const;
  /// -(x - a_t m) / (a_t^2 var + v_t), [n, D].
  [[nodiscard]] torch::Tensor score(const torch::Tensor& x) const;
  /// sqrt(v_t), [n, 1] or [1, 1].
  [[nodiscard]] torch::Tensor noise_std() const { return variance_.sqrt().unsqueeze(1); }

 private:
  [[nodiscard]] torch::Tensor centred(const torch::Tensor& x) const { return x - mean_; }

  torch::Tensor signal_squared_, variance_;  // a_t^2, v_t
  torch::Tensor mean_, total_variance_;      // a_t m, [n, D]; a_t^2 var + v_t, [n, 1]
};

/// The Gaussian fit N(m, var I) to the data, noised.
class NoisedGaussianFit {
 public:
  NoisedGaussianFit(std::shared_ptr<const diffusion::ForwardProcess> process, Moments moments);

  /// At noise times t, [n]; times that are views of one number (score::time_of_all) count as one.
  [[nodiscard]] NoisedGaussian at(const torch::Tensor& t) const;
  [[nodiscard]] const diffusion::ForwardProcess& process() const { return *process_; }

 private:
  std::shared_ptr<const diffusion::ForwardProcess> process_;
  Moments moments_;
};

}  // namespace tropism::network
