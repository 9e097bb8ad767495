// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cmath>
#include <memory>

#include <tropism/diffusion/forward_process.hpp>
#include <tropism/score/gaussian_mixture.hpp>

#include "support/tensors.hpp"

namespace tropism::test {

/// f = 1, g = sqrt 2: a_t = e^{-t}, v_t = 1 - e^{-2t} [GZZ24, eq. (32)].
inline std::shared_ptr<const diffusion::OrnsteinUhlenbeck> toy_process(double terminal_time = 5.0) {
  return std::make_shared<diffusion::OrnsteinUhlenbeck>(terminal_time, 1.0, std::sqrt(2.0));
}

/// The 1-D data of [GZZ24, 6.1]: 1/2 N(-3, 1) + 1/2 N(3, 1).
inline score::GaussianMixture toy_mixture() {
  return {torch::tensor({0.5, 0.5}, torch::kFloat64),
          torch::tensor({-3.0, 3.0}, torch::kFloat64).view({2, 1}),
          torch::tensor({1.0, 1.0}, torch::kFloat64)};
}

/// Where h(y) = -(y - 6)^2 is largest, eq. (34).
inline torch::Tensor toy_target() {
  return torch::full({1}, 6.0, torch::kFloat64);
}

/// Three unequal components in two dimensions.
inline score::GaussianMixture uneven_mixture() {
  return {torch::tensor({0.2, 0.5, 0.3}, torch::kFloat64),
          torch::tensor({-2.0, 0.5, 1.0, 3.0, 2.5, -1.0}, torch::kFloat64).view({3, 2}),
          torch::tensor({0.3, 1.0, 2.0}, torch::kFloat64)};
}

struct LabelledPoints {
  torch::Tensor x;          // [M, D], float32
  torch::Tensor component;  // int64 [M]
};

/// Independent draws from a mixture; another `set` gives other draws.
inline LabelledPoints draw_from(const score::GaussianMixture& mixture, std::int64_t rows,
                                std::int64_t set) {
  const auto uniform =
      base::RandomStream(2025, base::Purpose::evaluation).uniform(0, set, rows, 1).squeeze(1);
  const auto last = mixture.weights.size(0) - 1;
  const auto component = torch::searchsorted(mixture.weights.cumsum(0), uniform).clamp_max(last);
  const auto noise = normal_points(rows, mixture.means.size(1), set).to(torch::kFloat64);
  const auto sd = mixture.variances.sqrt().index_select(0, component).unsqueeze(1);
  return {(mixture.means.index_select(0, component) + sd * noise).to(torch::kFloat32), component};
}

}  // namespace tropism::test
