// SPDX-License-Identifier: MIT
#include "pair_sums.hpp"

#include <algorithm>

namespace tropism::evaluation {
namespace {

constexpr std::int64_t block_elements = std::int64_t{1} << 22;

std::int64_t block_rows(std::int64_t columns) {
  return std::max<std::int64_t>(1, block_elements / std::max<std::int64_t>(1, columns));
}

/// |a - b|^2 = |a|^2 + |b|^2 - 2 a.b, of points whose mean is near 0.
torch::Tensor squares_of(const torch::Tensor& a, const torch::Tensor& b) {
  return torch::addmm(b.square().sum(1).unsqueeze(0), a, b.t(), 1, -2)
      .add_(a.square().sum(1).unsqueeze(1))
      .clamp_min_(0);
}

double sum_over_pairs(const torch::Tensor& x, const torch::Tensor& y, const PairFunction& f) {
  double sum = 0.0;
  if (y.size(0) == 0) return sum;
  for (const auto& rows : x.split(block_rows(y.size(0)), 0))
    sum += f(squares_of(rows, y)).sum().item<double>();
  return sum;
}

/// Over the pairs i != j of one block.
double sum_within(const torch::Tensor& x, const PairFunction& f) {
  return f(squares_of(x, x)).fill_diagonal_(0).sum().item<double>();
}

}  // namespace

double mean_over_pairs(const torch::Tensor& x, const torch::Tensor& y, const PairFunction& f) {
  const auto points = y.to(torch::kFloat64);
  const auto centre = points.mean(0);
  const double sum = sum_over_pairs(x.to(torch::kFloat64) - centre, points - centre, f);
  return sum / (static_cast<double>(x.size(0)) * static_cast<double>(y.size(0)));
}

double mean_over_other_pairs(const torch::Tensor& x, const PairFunction& f) {
  auto points = x.to(torch::kFloat64);
  points = points - points.mean(0);
  const auto total = x.size(0);
  double sum = 0.0;
  for (std::int64_t first = 0; first < total;) {
    const auto count = std::min(block_rows(total - first), total - first);
    const auto rows = points.narrow(0, first, count);
    first += count;
    // Each pair of different blocks stands for two.
    sum +=
        sum_within(rows, f) + 2.0 * sum_over_pairs(rows, points.narrow(0, first, total - first), f);
  }
  return sum / (static_cast<double>(total) * static_cast<double>(total - 1));
}

}  // namespace tropism::evaluation
