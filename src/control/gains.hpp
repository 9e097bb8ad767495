// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/control/episode.hpp>

namespace tropism::control {

/// What (r_hat - q^psi) dt is formed of, at k steps.
struct GainTerms {
  torch::Tensor scores, actions;  // s_hat and a, [k, B, D]
  torch::Tensor score_noise;      // as in Episode, [k, B], or undefined
  torch::Tensor weight;           // g^2 dt, [k, 1]
  torch::Tensor entropy;          // (theta D/2) log(pi theta/g^2) dt, or 0, [k, 1]
};

/// (r_hat - q^psi) dt for a policy of mean mu, [k, B]; no graph:
///   sampled    g^2 dt (|a - mu|^2 - |s_hat - a|^2) + entropy
///   else       -g^2 dt |s_hat - mu|^2 + entropy, the mean of this over a
/// The noise of s_hat, where it is known, is taken from |s_hat - .|^2.
[[nodiscard]] torch::Tensor gains(const GainTerms& terms, bool sampled, const torch::Tensor& mu);

/// sum_k u_k v_k over the last dimension, [..., D] twice to [...]; no graph. LibTorch's own sum
/// over a few numbers takes ten times as long.
[[nodiscard]] torch::Tensor row_products(const torch::Tensor& u, const torch::Tensor& v);

/// factor_i (u_i - v_i) for the rows of the last dimension, [..., D] twice and [...] to [..., D];
/// no graph.
[[nodiscard]] torch::Tensor row_multiples(const torch::Tensor& u, const torch::Tensor& v,
                                          const torch::Tensor& factor);

}  // namespace tropism::control
