// SPDX-License-Identifier: MIT
#include <tropism/base/elementwise.hpp>

#include <ATen/EmptyTensor.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include <tropism/base/error.hpp>
#include <tropism/base/small_dimension.hpp>
#include <tropism/base/unwritten.hpp>
#include <tropism/base/wide_loops.hpp>

namespace tropism::base {
namespace {

/// sum = factor x, or the same added to it.
TROPISM_WIDE_LOOPS void add_multiple(float factor, const float* x, std::int64_t count, bool first,
                                     float* sum) {
  if (first)
    for (std::int64_t i = 0; i < count; ++i) sum[i] = factor * x[i];
  else
    for (std::int64_t i = 0; i < count; ++i) sum[i] += factor * x[i];
}

/// y = x - by s, row by row.
TROPISM_WIDE_LOOPS void subtract_row(const float* x, const float* s, float by, std::int64_t rows,
                                     std::int64_t dimension, float* y) {
  with_dimension(dimension, [=](auto D) {
    for (std::int64_t i = 0; i < rows; ++i)
      for (std::int64_t k = 0; k < D; ++k) y[i * D + k] = x[i * D + k] - by * s[k];
  });
}

torch::Tensor sum_by_operators(std::initializer_list<Multiple> terms) {
  auto sum = torch::zeros_like(terms.begin()->of);
  for (const auto& [factor, t] : terms) sum.add_(t, factor);
  return sum;
}

}  // namespace

torch::Tensor linear_combination(std::initializer_list<Multiple> terms) {
  const torch::NoGradGuard no_grad;
  const auto& first = terms.begin()->of;
  bool loop = true;
  for (const auto& [factor, t] : terms) {
    expects(t.sizes() == first.sizes(), "tensors of one shape");
    loop = loop && suits_loop(t);
  }
  if (!loop) return sum_by_operators(terms);
  auto sum = unwritten(first.sizes());
  for (const auto& term : terms)
    add_multiple(static_cast<float>(term.factor), term.of.contiguous().data_ptr<float>(),
                 sum.numel(), &term == terms.begin(), sum.data_ptr<float>());
  return sum;
}

torch::Tensor minus_row(const torch::Tensor& t, double factor, const torch::Tensor& row) {
  expects(t.dim() == 2 && row.dim() == 1 && row.size(0) == t.size(1), "[n, D] and a row [D]");
  const torch::NoGradGuard no_grad;
  if (!suits_loop(t) || !suits_loop(row)) return t - row * factor;
  const auto points = t.contiguous(), shift = row.contiguous();
  auto result = unwritten(t.sizes());
  subtract_row(points.data_ptr<float>(), shift.data_ptr<float>(), static_cast<float>(factor),
               t.size(0), t.size(1), result.data_ptr<float>());
  return result;
}

torch::Tensor stacked(const std::vector<torch::Tensor>& parts) {
  const torch::NoGradGuard no_grad;
  const auto& first = parts.front();
  const bool loop = std::all_of(parts.begin(), parts.end(), [&](const auto& part) {
    return suits_loop(part) && part.is_contiguous() && part.sizes() == first.sizes();
  });
  if (!loop) return torch::stack(parts);
  auto sizes = first.sizes().vec();
  sizes.insert(sizes.begin(), static_cast<std::int64_t>(parts.size()));
  auto result = unwritten(sizes);
  auto* to = result.data_ptr<float>();
  for (const auto& part : parts) to = std::copy_n(part.data_ptr<float>(), part.numel(), to);
  return result;
}

torch::Tensor repeated(double number, std::int64_t n, const torch::TensorOptions& options) {
  if (!options.device().is_cpu() || options.dtype() != torch::kFloat32)
    return torch::full({1}, number, options).expand({n});
  torch::Tensor result = at::detail::empty_strided_cpu({n}, {0}, torch::kFloat32);
  if (n > 0) *result.data_ptr<float>() = static_cast<float>(number);
  return result;
}

bool same_bits(const torch::Tensor& first, const torch::Tensor& second) {
  if (first.sizes() != second.sizes()) return false;
  if (!suits_loop(first) || !suits_loop(second)) return torch::equal(first, second);
  const auto one = first.contiguous(), other = second.contiguous();
  return std::memcmp(one.data_ptr<float>(), other.data_ptr<float>(), one.nbytes()) == 0;
}

bool all_finite(const torch::Tensor& t) {
  if (!suits_loop(t)) return t.isfinite().all().item<bool>();
  const auto numbers = t.contiguous();
  const auto* x = numbers.data_ptr<float>();
  constexpr std::uint32_t exponent = 0x7F800000U;  // all its bits are set in no finite number
  std::uint32_t bad = 0;
  for (std::int64_t i = 0, count = t.numel(); i < count; ++i)
    bad |= (std::bit_cast<std::uint32_t>(x[i]) & exponent) == exponent ? 1U : 0U;
  return bad == 0;
}

}  // namespace tropism::base
