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

/// (s - mu) . (s - 2a + mu) of each row.
TROPISM_WIDE_LOOPS void sampled_costs(const float* s, const float* a, const float* mu,
                                      std::int64_t rows, std::int64_t dimension, float* result) {
  base::with_dimension(dimension, [=](auto D) {
    for (std::int64_t i = 0; i < rows; ++i) {
      float sum = 0.0F;
      for (std::int64_t k = i * D; k < (i + 1) * D; ++k)
        sum += (s[k] - mu[k]) * (s[k] + mu[k] - 2.0F * a[k]);
      result[i] = sum;
    }
  });
}

/// |s_hat - a|^2 - |a - mu|^2 = (s_hat - mu) . (s_hat - 2a + mu), or |s_hat - mu|^2.
torch::Tensor costs(const torch::Tensor& s, const torch::Tensor& a, const torch::Tensor& mu,
                    bool sampled) {
  if (!sampled || !short_rows(s) || !short_rows(a) || !short_rows(mu)) {
    const auto difference = base::linear_combination({{1.0, s}, {-1.0, mu}});
    if (!sampled) return row_products(difference, difference);
    return row_products(difference, base::linear_combination({{1.0, s}, {1.0, mu}, {-2.0, a}}));
  }
  auto result = base::unwritten(s.sizes().slice(0, s.sizes().size() - 1));
  sampled_costs(s.data_ptr<float>(), a.data_ptr<float>(), mu.data_ptr<float>(), result.numel(),
                s.size(-1), result.data_ptr<float>());
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
  auto cost = costs(terms.scores, terms.actions, mu, sampled);
  if (terms.score_noise.defined()) cost.sub_(terms.score_noise);
  return torch::addcmul(terms.entropy, cost, terms.weight, -1.0);
}

}  // namespace tropism::control
