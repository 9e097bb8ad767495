// SPDX-License-Identifier: MIT
#include "gains.hpp"

#include <tropism/base/elementwise.hpp>
#include <tropism/base/small_dimension.hpp>

namespace tropism::control {
namespace {

constexpr std::int64_t few = 8;  // coordinates; of more LibTorch's sum is as fast

bool short_rows(const torch::Tensor& t) {
  return t.size(-1) <= few && base::suits_loop(t) && t.is_contiguous();
}

void multiply_rows(const float* u, const float* v, std::int64_t rows, std::int64_t dimension,
                   float* result) {
  base::with_dimension(dimension, [=](auto D) {
    for (std::int64_t i = 0; i < rows; ++i) {
      float sum = 0.0F;
      for (std::int64_t k = 0; k < D; ++k) sum += u[i * D + k] * v[i * D + k];
      result[i] = sum;
    }
  });
}

}  // namespace

torch::Tensor row_products(const torch::Tensor& u, const torch::Tensor& v) {
  if (!short_rows(u) || !short_rows(v)) return (u * v).sum(-1);
  auto result = torch::empty(u.sizes().slice(0, u.sizes().size() - 1), u.options());
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
  auto result = torch::empty(u.sizes());
  const auto *x = u.data_ptr<float>(), *y = v.data_ptr<float>(), *f = factors.data_ptr<float>();
  auto* to = result.data_ptr<float>();
  base::with_dimension(u.size(-1), [=, rows = factors.numel()](auto D) {
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t k = i * D; k < (i + 1) * D; ++k) to[k] = f[i] * (x[k] - y[k]);
  });
  return result;
}

torch::Tensor gains(const GainTerms& terms, bool sampled, const torch::Tensor& mu) {
  const auto &s = terms.scores, &a = terms.actions;
  const auto difference = base::linear_combination({{1.0, s}, {-1.0, mu}});
  // |s - a|^2 - |a - mu|^2 = (s - mu) . (s - 2a + mu)
  auto cost =
      row_products(difference, sampled ? base::linear_combination({{1.0, s}, {1.0, mu}, {-2.0, a}})
                                       : difference);
  if (terms.score_noise.defined()) cost.sub_(terms.score_noise);
  return torch::addcmul(terms.entropy, cost, terms.weight, -1.0);
}

}  // namespace tropism::control
