// SPDX-License-Identifier: MIT
#include "context_law.hpp"

#include <cmath>

#include <tropism/base/random.hpp>

namespace tropism::app {
namespace {

constexpr std::int64_t quadrature_points = 480;

/// What the random numbers of one row are for: the `step` of the stream.
enum Draw : std::int64_t { context_draw = 0, branch_draw = 1, noise_draw = 2 };

/// Of one branch: its share, and at each context mean and standard deviation.
struct Branch {
  double weight;
  torch::Tensor mean, std;
};

Branch upper_branch(const torch::Tensor& c) {
  return {2.0 / 3.0, 3.0 * c, 0.6 + 0.2 * c};
}

Branch lower_branch(const torch::Tensor& c) {
  return {1.0 / 3.0, -2.0 * c, torch::full_like(c, 0.5)};
}

/// sum_j weights_j p(x|c_j)
score::GaussianMixture mixture_over(const torch::Tensor& c, const torch::Tensor& weights) {
  const auto upper = upper_branch(c), lower = lower_branch(c);
  return {torch::cat({upper.weight * weights, lower.weight * weights}),
          torch::cat({upper.mean, lower.mean}).unsqueeze(1),
          torch::cat({upper.std, lower.std}).square()};
}

}  // namespace

score::GaussianMixture law_at(double c) {
  const auto one = torch::ones({1}, torch::kFloat64);
  return mixture_over(c * one, one);
}

torch::Tensor contexts_of_uniform(const ContextSupport& support, const torch::Tensor& uniform) {
  const auto parts = static_cast<double>(support.parts);
  const auto place = parts * uniform.to(torch::kFloat64), part = place.floor();
  return 2.0 / parts * (part + support.share * (place - part)) - 1.0;
}

bool is_in_support(const ContextSupport& support, double c) {
  const double place = 0.5 * static_cast<double>(support.parts) * (c + 1.0);
  return place - std::floor(place) <= support.share;
}

data::Dataset context_data(const ContextSupport& support, std::int64_t rows, std::uint64_t seed) {
  const base::RandomStream stream(seed, base::Purpose::synthetic_data);
  const auto c = contexts_of_uniform(support, stream.uniform(0, Draw::context_draw, rows, 1));
  const auto u = stream.uniform(0, Draw::branch_draw, rows, 1);
  const auto xi = stream.normal(0, Draw::noise_draw, rows, 1).to(torch::kFloat64);
  const auto upper = upper_branch(c), lower = lower_branch(c);
  auto dataset = data::whole_dataset(
      torch::where(u < upper.weight, upper.mean + upper.std * xi, lower.mean + lower.std * xi));
  dataset.context = c.to(torch::kFloat32);
  return dataset;
}

torch::Tensor log_kernel(double c, const torch::Tensor& contexts, double width) {
  return -0.5 * ((contexts.to(torch::kFloat64).flatten() - c) / width).square();
}

score::GaussianMixture smoothed_law_at(double c, const ContextSupport& support, double width) {
  const auto u = (torch::arange(quadrature_points, torch::kFloat64) + 0.5) / quadrature_points;
  const auto others = contexts_of_uniform(support, u);
  return mixture_over(others, log_kernel(c, others, width).softmax(0));
}

}  // namespace tropism::app
