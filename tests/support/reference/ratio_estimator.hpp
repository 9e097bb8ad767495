// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace tropism::test::reference {

/// [GZZ24, eq. (18)] as it is printed, one query and one data point at a time, in double; only that
/// the densities are divided by the largest of them, which is multiplied back at the end.
struct RatioEstimate {
  torch::Tensor score;                  // [B, D]
  torch::Tensor log_density_sum;        // log sum_j w_j p(x|x_j), [B]
  torch::Tensor effective_sample_size;  // [B]
  torch::Tensor log_excess;  // log( sum_j w_j p(x|x_j) / (M eps) ), [B]; 0 without a floor
  // What round-off is measured by:
  torch::Tensor mean;       // sum_j p_j x_j / sum_j p_j, [B, D]
  torch::Tensor deviation;  // sum_j p_j |x_j - mean| / sum_j p_j, by coordinate, [B, D]
};

/// kappa(c, c_j), unnormalised, with u = |c - c_j|, contexts being in bandwidths.
enum class Kernel { none, gaussian, compact };

struct RatioProblem {
  torch::Tensor x;            // [B, D]
  torch::Tensor data;         // [M, D]
  torch::Tensor log_weights;  // [M], or undefined
  double signal = 1.0;        // a
  double variance = 1.0;      // v
  double floor = 0.0;         // eps
  Kernel kernel = Kernel::none;
  torch::Tensor query_contexts = {};  // [B, C]
  torch::Tensor row_contexts = {};    // [M, C]
};

using Row = torch::TensorAccessor<double, 1>;

inline double squared_distance(const Row& x, double scale, const Row& y) {
  double squared = 0.0;
  for (std::int64_t d = 0; d < y.size(0); ++d) squared += std::pow(x[d] - scale * y[d], 2);
  return squared;
}

inline double log_kernel(Kernel kernel, const Row& query, const Row& row) {
  const double squared = squared_distance(query, 1.0, row);
  return kernel == Kernel::gaussian ? -0.5 * squared : std::log(std::max(0.0, 1.0 - squared));
}

/// The same problem, its tensors contiguous and in double.
inline RatioProblem in_double(RatioProblem problem) {
  for (auto* tensor : {&problem.x, &problem.data, &problem.log_weights, &problem.query_contexts,
                       &problem.row_contexts})
    if (tensor->defined()) *tensor = tensor->to(torch::kFloat64).contiguous();
  return problem;
}

/// log( w_j kappa(c_i, c_j) N(x_i; a x_j, v I) ) for all j.
inline std::vector<double> log_densities(const RatioProblem& problem, std::int64_t i) {
  const auto rows = problem.data.accessor<double, 2>();
  const double log_norm =
      0.5 * static_cast<double>(rows.size(1)) * std::log(2.0 * std::numbers::pi * problem.variance);
  std::vector<double> result;
  for (std::int64_t j = 0; j < rows.size(0); ++j) {
    const double squared =
        squared_distance(problem.x.accessor<double, 2>()[i], problem.signal, rows[j]);
    result.push_back(-squared / (2.0 * problem.variance) - log_norm);
    if (problem.log_weights.defined())
      result.back() += problem.log_weights.accessor<double, 1>()[j];
    if (problem.kernel != Kernel::none)
      result.back() += log_kernel(problem.kernel, problem.query_contexts.accessor<double, 2>()[i],
                                  problem.row_contexts.accessor<double, 2>()[j]);
  }
  return result;
}

inline RatioEstimate ratio_estimate(const RatioProblem& given) {
  const auto problem = in_double(given);
  const auto &x = problem.x, &data = problem.data;
  const std::int64_t B = x.size(0), M = data.size(0);
  const auto zeros = torch::zeros({B}, torch::kFloat64);
  RatioEstimate result = {torch::empty_like(x), zeros.clone(),        zeros.clone(),
                          zeros.clone(),        torch::empty_like(x), torch::empty_like(x)};
  for (std::int64_t i = 0; i < B; ++i) {
    auto log_p = log_densities(problem, i);
    const double largest = *std::max_element(log_p.begin(), log_p.end());
    double sum = 0.0, sum_of_squares = 0.0;
    for (auto& value : log_p) {
      value = std::exp(value - largest);  // p_j over the largest of them, from here on
      sum += value;
      sum_of_squares += value * value;
    }
    const auto p = torch::tensor(log_p, torch::kFloat64).unsqueeze(1);
    const auto mean = (p * data).sum(0) / sum;
    const double log_sum = std::log(sum) + largest;
    const double log_least = std::log(static_cast<double>(M)) + std::log(problem.floor);
    // sum_j p_j x_j / max{ sum_j p_j, M eps }
    const double shrunk = std::exp(log_sum - std::max(log_sum, log_least));
    result.score[i] = (mean * (shrunk * problem.signal) - x[i]) / problem.variance;
    result.log_density_sum[i] = log_sum;
    result.effective_sample_size[i] = sum * sum / sum_of_squares;
    if (problem.floor > 0.0) result.log_excess[i] = log_sum - log_least;
    result.mean[i] = mean;
    result.deviation[i] = (p * (data - mean).abs()).sum(0) / sum;
  }
  return result;
}

/// What float32 may change, given that the estimator centres, multiplies and exponentiates in it.
struct RatioRoundOff {
  torch::Tensor logit;            // [B]: of one log w_j p(x|x_j) against the others
  torch::Tensor log_density_sum;  // [B]
  torch::Tensor score;            // [B, D]
};

inline RatioRoundOff round_off(const RatioProblem& problem, const RatioEstimate& exact) {
  constexpr double unit = 1.2e-7;  // twice the rounding error of one float32 operation
  const double a = problem.signal, v = problem.variance;
  const auto x = problem.x.to(torch::kFloat64), data = problem.data.to(torch::kFloat64);
  const auto centre = data.mean(0);
  const auto x_norm = (x - a * centre).norm(2, 1) + a * centre.norm();
  const auto largest = (data - centre).norm(2, 1).max() + centre.norm();
  auto size = (a / v) * x_norm * largest + (a * a / v) * largest.square() + 8.0;
  if (problem.log_weights.defined())
    size = size + problem.log_weights.to(torch::kFloat64).abs().max();
  if (problem.kernel == Kernel::gaussian)
    size = size + 0.5 * (problem.query_contexts.norm(2, 1).to(torch::kFloat64) +
                         problem.row_contexts.norm(2, 1).max().to(torch::kFloat64))
                            .square();
  const auto logit = unit * size;
  const auto log_sum = logit + unit * (x_norm.square() / v + exact.log_density_sum.abs());
  // s = (a mean - x)/v: the mean moves with the logits by at most twice its mean deviation.
  auto score = (a / v) * (2.0 * logit.unsqueeze(1) * exact.deviation + unit * largest) +
               unit * (x_norm.unsqueeze(1) + a * exact.mean.abs()) / v;
  if (problem.floor > 0.0) score = score + (a / v) * log_sum.unsqueeze(1) * exact.mean.abs();
  return {logit, log_sum, score};
}

}  // namespace tropism::test::reference
