// SPDX-License-Identifier: MIT
#include <tropism/evaluation/tilt.hpp>

#include <algorithm>
#include <cmath>

#include <tropism/base/error.hpp>

namespace tropism::evaluation {
namespace {

constexpr double strongest =
    1e9;  // times the spread of the rewards: weights on the best rows alone
constexpr int bisections = 200;

double range_of(const torch::Tensor& rewards) {
  return (rewards.max() - rewards.min()).item<double>();
}

}  // namespace

Tilt exact_tilt(const torch::Tensor& rewards, double beta) {
  base::expects(rewards.dim() == 1 && rewards.size(0) >= 1, "rewards of shape [N], N >= 1");
  base::expects(beta >= 0.0 && std::isfinite(beta), "beta >= 0");
  const auto log_weights = torch::log_softmax(0.5 * beta * rewards.to(torch::kFloat64), 0);
  const auto weights = log_weights.exp();
  Tilt tilt;
  tilt.beta = beta;
  tilt.mean_reward = (weights * rewards).sum().item<double>();
  const double log_count = std::log(static_cast<double>(rewards.size(0)));
  const double divergence = (weights * log_weights).sum().item<double>() + log_count;
  tilt.divergence = std::max(0.0, divergence);  // negative by rounding alone
  tilt.effective_rows = 1.0 / weights.square().sum().item<double>();
  return tilt;
}

std::optional<Tilt> least_divergence(const torch::Tensor& rewards, double mean_reward) {
  const auto none = exact_tilt(rewards, 0.0);
  const double range = range_of(rewards);
  if (mean_reward <= none.mean_reward) return none;
  if (range <= 0.0 || mean_reward > rewards.max().item<double>()) return std::nullopt;
  // The mean reward grows with beta: bisection of log(1 + beta).
  double low = 0.0;
  double high = std::log1p(strongest / range);
  for (int step = 0; step < bisections; ++step) {
    const double middle = 0.5 * (low + high);
    const bool below = exact_tilt(rewards, std::expm1(middle)).mean_reward < mean_reward;
    (below ? low : high) = middle;
  }
  return exact_tilt(rewards, std::expm1(high));
}

std::optional<double> share_reached(double sampled, double data, double tilted) {
  const double way = tilted - data;
  if (std::abs(way) <= 1e-12 * std::max(std::abs(tilted), std::abs(data))) return std::nullopt;
  return (sampled - data) / way;
}

}  // namespace tropism::evaluation
