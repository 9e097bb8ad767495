// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <memory>
#include <vector>

#include <tropism/diffusion/forward_process.hpp>

namespace tropism::network {

/// First two moments of the data: mean [D] and one variance, the average over the D coordinates.
struct Moments {
  torch::Tensor mean;     // [D], float32
  double variance = 1.0;  // > 0
};

/// The Gaussian fit N(m, var I) to the data as it stands at noise times t: N(a_t m, (a_t^2 var +
/// v_t) I). Times [n] give each row its own; one time, [1], holds for all rows. What depends on
/// time is computed once for rows in succession that share it.
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
  /// score(x) + residual / sqrt(v_t), [n, D], for a residual [n, D].
  [[nodiscard]] torch::Tensor score(const torch::Tensor& x, const torch::Tensor& residual) const;

 private:
  /// At one time: a_t, v_t, a_t^2 var + v_t.
  struct Level {
    std::int64_t rows;
    double signal, variance, total_variance;
  };
  using OfLevel = double (*)(const Level&);

  [[nodiscard]] torch::Tensor of_rows(OfLevel number) const;
  [[nodiscard]] torch::Tensor centred_over(const torch::Tensor& x, OfLevel divisor) const;
  template <class Use>
  void each_level(std::int64_t rows, Use&& use) const;

  torch::Tensor mean_;  // m
  torch::TensorOptions options_;
  std::vector<Level> levels_;
};

/// The Gaussian fit N(m, var I) to the data, noised.
class NoisedGaussianFit {
 public:
  NoisedGaussianFit(std::shared_ptr<const diffusion::ForwardProcess> process, Moments moments);

  /// At noise times t, [n]; times that are views of one number (score::time_of_all) count as one.
  [[nodiscard]] NoisedGaussian at(const torch::Tensor& t) const;
  /// T - t, time as plain networks see it, [n]; of times that count as one, [1].
  [[nodiscard]] torch::Tensor time_passed(const torch::Tensor& t) const;
  [[nodiscard]] const diffusion::ForwardProcess& process() const { return *process_; }

 private:
  std::shared_ptr<const diffusion::ForwardProcess> process_;
  Moments moments_;
};

}  // namespace tropism::network
