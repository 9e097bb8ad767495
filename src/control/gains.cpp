// SPDX-License-Identifier: MIT
#include "gains.hpp"

#include <tropism/base/elementwise.hpp>
#include <tropism/base/small_dimension.hpp>
#include <tropism/base/unwritten.hpp>
#include <tropism/base/wide_loops.hpp>

namespace tropism::control {
namespace {

constexpr std::int64_t few = 8;  // coordinates; of more LibTorch's sum is as fast

bool short_rows(const torch::Tensor& t) {
  return t.size(-1) <= few && base::suits_loop(t) && t.is_contiguous();
}

/// The numbers of GainTerms, and mu.
struct GainPointers {
  const float *scores, *actions, *means, *weight, *entropy;
};

/// sum_k u_k v_k of each row.
TROPISM_WIDE_LOOPS void multiply_rows(const float* u, const float* v, std::int64_t rows,
                                      std::int64_t dimension, float* result) {
  base::with_dimension(dimension, [=](auto D) {
    for (std::int64_t i = 0; i < rows; ++i) {
      float sum = 0.0F;
      for (std::int64_t k = 0; k < D; ++k) sum += u[i * D + k] * v[i * D + k];
      result[i] = sum;
    }
  });
}

/// factor (u - v) of each row.
TROPISM_WIDE_LOOPS void subtract_rows(const float* u, const float* v, const float* factor,
                                      std::int64_t rows, std::int64_t dimension, float* result) {
  base::with_dimension(dimension, [=](auto D) {
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t k = i * D; k < (i + 1) * D; ++k) result[k] = factor[i] * (u[k] - v[k]);
  });
}

/// entropy - weight (s - mu) . (s - 2a + mu) of each row, [K, B]; a weight and an entropy for each
/// of K steps.
TROPISM_WIDE_LOOPS void sampled_gains(const GainPointers& of, std::int64_t steps,
                                      std::int64_t batch, std::int64_t dimension, float* result) {
  base::with_dimension(dimension, [=, s = of.scores, a = of.actions, mu = of.means](auto D) {
    for (std::int64_t k = 0; k < steps; ++k)
      for (std::int64_t i = k * batch; i < (k + 1) * batch; ++i) {
        float cost = 0.0F;
        for (std::int64_t d = i * D; d < (i + 1) * D; ++d)
          cost += (s[d] - mu[d]) * (s[d] + mu[d] - 2.0F * a[d]);
        result[i] = of.entropy[k] - of.weight[k] * cost;
      }
  });
}

bool may_loop(const GainTerms& terms, const torch::Tensor& mu) {
  return !terms.score_noise.defined() && short_rows(terms.scores) && short_rows(terms.actions) &&
         short_rows(mu);
}

torch::Tensor sampled_gains(const GainTerms& terms, const torch::Tensor& mu) {
  const std::int64_t K = mu.size(0), B = mu.size(1);
  const auto weight = terms.weight.contiguous(), entropy = terms.entropy.contiguous();
  auto result = base::unwritten({K, B});
  sampled_gains({.scores = terms.scores.data_ptr<float>(),
                 .actions = terms.actions.data_ptr<float>(),
                 .means = mu.data_ptr<float>(),
                 .weight = weight.data_ptr<float>(),
                 .entropy = entropy.data_ptr<float>()},
                K, B, mu.size(2), result.data_ptr<float>());
  return result;
}

}  // namespace

torch::Tensor row_products(const torch::Tensor& u, const torch::Tensor& v) {
  if (!short_rows(u) || !short_rows(v)) return (u * v).sum(-1);
  auto result = base::unwritten(u.sizes().slice(0, u.sizes().size() - 1));
  multiply_rows(u.data_ptr<float>(), v.data_ptr<float>(), result.numel(), u.size(-1),
                result.data_ptr<float>());
  return result;
}

torch::Tensor row_multiples(const torch::Tensor& u, const torch::Tensor& v,
                            const torch::Tensor& factor) {
  const torch::NoGradGuard no_grad;
  if (!short_rows(u) || !short_rows(v) || !base::suits_loop(factor))
    return (u - v).mul_(factor.unsqueeze(-1));
  const auto factors = factor.contiguous();
  auto result = base::unwritten(u.sizes());
  subtract_rows(u.data_ptr<float>(), v.data_ptr<float>(), factors.data_ptr<float>(),
                factors.numel(), u.size(-1), result.data_ptr<float>());
  return result;
}

torch::Tensor gains(const GainTerms& terms, bool sampled, const torch::Tensor& mu) {
  // |s_hat - a|^2 - |a - mu|^2 = (s_hat - mu) . (s_hat - 2a + mu), or |s_hat - mu|^2
  if (sampled && may_loop(terms, mu)) return sampled_gains(terms, mu);
  const auto &s = terms.scores, &a = terms.actions;
  const auto difference = base::linear_combination({{1.0, s}, {-1.0, mu}});
  auto cost =
      row_products(difference, sampled ? base::linear_combination({{1.0, s}, {1.0, mu}, {-2.0, a}})
                                       : difference);
  if (terms.score_noise.defined()) cost.sub_(terms.score_noise);
  return torch::addcmul(terms.entropy, cost, terms.weight, -1.0);
}

}  // namespace tropism::control
