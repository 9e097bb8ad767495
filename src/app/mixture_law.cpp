// SPDX-License-Identifier: MIT
#include "mixture_law.hpp"

#include <cmath>

namespace tropism::app {
namespace {

constexpr double edge = 12.0;
constexpr std::int64_t bins = 96;

/// P(z_i < xi < z_i+1) for xi ~ N(0, 1) and ascending z in each line, from the side on which small
/// numbers keep their digits.
torch::Tensor normal_probabilities(const torch::Tensor& z) {
  const auto n = z.size(1) - 1;
  const auto beyond = 0.5 * (z.abs() / std::sqrt(2.0)).erfc();  // P(xi > |z|)
  const auto low = beyond.narrow(1, 0, n), high = beyond.narrow(1, 1, n);
  const auto above = z.narrow(1, 0, n) >= 0.0, below = z.narrow(1, 1, n) <= 0.0;
  return torch::where(above, low - high, torch::where(below, high - low, 1.0 - low - high));
}

/// The probabilities of equal bins in [-edge, edge].
torch::Tensor bin_probabilities(const score::GaussianMixture& mixture) {
  const auto edges = torch::linspace(-edge, edge, bins + 1, torch::kFloat64);
  const auto units = (edges - mixture.means) / mixture.variances.sqrt().unsqueeze(1);
  return mixture.weights.matmul(normal_probabilities(units));
}

/// sum_i p_i log(p_i / q_i)
double relative_entropy(const torch::Tensor& p, const torch::Tensor& q) {
  return torch::where(p > 0.0, p * (p / q).log(), torch::zeros_like(p)).sum().item<double>();
}

/// Shares of equal bins in [-limit, limit]; what lies outside counts as at the ends.
torch::Tensor shares(const torch::Tensor& y, const torch::Tensor& weights, double limit,
                     std::int64_t columns) {
  const double width = 2.0 * limit / static_cast<double>(columns);
  const auto bin = ((y + limit) / width).floor().clamp(0, columns - 1).to(torch::kInt64);
  return torch::zeros({columns}, torch::kFloat64).index_add_(0, bin, weights);
}

torch::Tensor weights_of(const torch::Tensor& y, const torch::Tensor& log_weights) {
  if (log_weights.defined()) return log_weights.softmax(0);
  return torch::full_like(y, 1.0 / static_cast<double>(y.numel()));
}

}  // namespace

score::GaussianMixture exact_mixture() {
  return {torch::tensor({0.5, 0.5}, torch::kFloat64),
          torch::tensor({-3.0, 3.0}, torch::kFloat64).view({2, 1}),
          torch::tensor({1.0, 1.0}, torch::kFloat64)};
}

SampleLaw law_of(const torch::Tensor& samples, const torch::Tensor& log_weights,
                 const score::GaussianMixture& mixture) {
  const auto y = samples.to(torch::kFloat64).flatten();
  const auto weights = weights_of(y, log_weights);
  const auto mean_of = [&](const torch::Tensor& f) { return (weights * f).sum().item<double>(); };
  const double mean = mean_of(y), variance = mean_of((y - mean).square()),
               fourth = mean_of((y - mean).pow(4)), std = std::sqrt(variance);
  const double n = 1.0 / weights.square().sum().item<double>();
  // var(s^2) = (mu_4 - sigma^4)/n, and s = sqrt(s^2)
  return {
      .mean = mean,
      .mean_error = std / std::sqrt(n),
      .std = std,
      .std_error = std::sqrt((fourth - variance * variance) / n) / (2.0 * std),
      .middle = mean_of(y.abs().lt(1.5).to(torch::kFloat64)),
      .divergence = relative_entropy(shares(y, weights, edge, bins), bin_probabilities(mixture))};
}

double binned_divergence(const score::GaussianMixture& law, const score::GaussianMixture& from) {
  return relative_entropy(bin_probabilities(law), bin_probabilities(from));
}

CollapseLaw collapse_law(const diffusion::ForwardProcess& process, const diffusion::TimeGrid& grid,
                         double mean_of_data) {
  double mean = 0.0, variance = std::pow(process.prior_std(), 2);
  for (std::int64_t k = 0; k < grid.steps(); ++k) {
    const double t = grid.noise_time(k), dt = grid.step_size(k);
    const double g_squared = process.diffusion_squared(t), a = process.signal(t),
                 v = process.variance(t);
    // y' = y + [f y + g^2 (a m - y)/v] dt + g sqrt(dt) xi
    const double factor = 1.0 + (process.drift(t) - g_squared / v) * dt;
    mean = factor * mean + g_squared * dt * a * mean_of_data / v;
    variance = factor * factor * variance + (k + 1 < grid.steps() ? g_squared * dt : 0.0);
  }
  return {mean, std::sqrt(variance)};
}

torch::Tensor density_table(const torch::Tensor& samples, const torch::Tensor& log_weights) {
  constexpr std::int64_t columns = 192;
  const double width = 2.0 * edge / static_cast<double>(columns);
  const auto y = samples.to(torch::kFloat64).flatten();
  const auto centres = -edge + width * (torch::arange(columns, torch::kFloat64) + 0.5);
  return torch::stack({centres, shares(y, weights_of(y, log_weights), edge, columns) / width}, 1);
}

torch::Tensor mixture_curve(const score::GaussianMixture& mixture) {
  const auto x = torch::linspace(-8.0, 8.0, 321, torch::kFloat64);
  return torch::stack({x, mixture.log_density(x.unsqueeze(1)).exp()}, 1);
}

}  // namespace tropism::app
