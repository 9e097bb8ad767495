// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include <tropism/data/dataset.hpp>

namespace tropism::data {

/// Synthetic sets, unscaled. Row i depends on (seed, i) only: more rows keep the ones there were.

/// A spiral in the plane, D = 2, as scikit-learn's make_swiss_roll without its height:
/// [t cos t, t sin t] + noise * N(0, 1), t = 1.5 pi (1 + 2 U). The context is the angle t, C = 1.
[[nodiscard]] Dataset swiss_roll(std::int64_t rows, double noise, std::uint64_t seed);

/// 1/2 N(-3, 1) + 1/2 N(3, 1), D = 1; no label.
[[nodiscard]] Dataset mixture_1d(std::int64_t rows, std::uint64_t seed);

/// A mixture of isotropic Gaussians.
struct MixtureConfig {
  std::vector<double> weights;             // one per component; > 0; divided by their sum
  std::vector<std::vector<double>> means;  // one per component, of equal length D
  std::vector<double> stds;                // one per component; >= 0

  /// @throws ConfigError   names the key and what is allowed
  void validate() const;
};

/// Samples of the mixture; the label is the component, from 0.
[[nodiscard]] Dataset mixture(std::int64_t rows, const MixtureConfig& config, std::uint64_t seed);

/// Samples on a linear subspace, with noisy rewards for some of them: the simulation of Yuan,
/// Huang, Ni, Chen, Wang (arXiv 2307.07055).
struct SubspaceConfig {
  std::int64_t dimension = 64;      // D, >= latent
  std::int64_t latent = 16;         // d, >= 1
  std::int64_t labelled_rows = -1;  // the first rows have a reward, the others NaN; -1: all
  double label_noise = 0.1;         // standard deviation; >= 0

  /// @throws ConfigError   names the key and what is allowed
  void validate() const;
};

/// What generated a subspace set; a function of the config's sizes and the seed.
struct SubspaceTruth {
  torch::Tensor basis;  // A, float64 [D, d], orthonormal columns, Haar distributed
  torch::Tensor theta;  // float64 [D]: A times a uniform unit vector; the reward is theta . x
};
[[nodiscard]] SubspaceTruth subspace_truth(const SubspaceConfig& config, std::uint64_t seed);

/// x = A z with z ~ N(0, 1)^d; reward = theta . x + label_noise * N(0, 1).
[[nodiscard]] Dataset subspace(std::int64_t rows, const SubspaceConfig& config, std::uint64_t seed);

}  // namespace tropism::data
