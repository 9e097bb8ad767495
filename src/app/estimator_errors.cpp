// SPDX-License-Identifier: MIT
#include "estimator_errors.hpp"

#include <cmath>
#include <numbers>

#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::app {
namespace {

/// Sums over states of the three errors, from the sums over `repeats` repeats, float64 [3].
torch::Tensor summed_errors(const torch::Tensor& sum, const torch::Tensor& sum_of_squares,
                            const torch::Tensor& squared_errors, double repeats,
                            const torch::Tensor& truth) {
  const auto mean = sum / repeats;
  const auto variance = (sum_of_squares - repeats * mean.square()) / (repeats - 1.0);
  return torch::stack({(mean - truth).abs().sum(), variance.sum(), squared_errors.sum() / repeats});
}

/// Row r: the errors without repeat r; the last row: with all. [R + 1, 3]
torch::Tensor leave_one_out(const torch::Tensor& estimates, const torch::Tensor& truth) {
  const auto R = estimates.size(0);
  const auto repeats = static_cast<double>(R);
  auto sum = torch::zeros_like(truth), sum_of_squares = sum.clone(), squared_errors = sum.clone();
  for (std::int64_t r = 0; r < R; ++r) {
    const auto e = estimates[r].to(torch::kFloat64);
    sum += e;
    sum_of_squares += e.square();
    squared_errors += (e - truth).square();
  }
  std::vector<torch::Tensor> rows;
  for (std::int64_t r = 0; r < R; ++r) {
    const auto e = estimates[r].to(torch::kFloat64);
    rows.push_back(summed_errors(sum - e, sum_of_squares - e.square(),
                                 squared_errors - (e - truth).square(), repeats - 1.0, truth));
  }
  rows.push_back(summed_errors(sum, sum_of_squares, squared_errors, repeats, truth));
  return torch::stack(rows);
}

/// sqrt((R - 1)/R sum_r (theta_r - mean theta)^2)
Measured jackknife(const torch::Tensor& values) {
  const auto without = values.narrow(0, 0, values.size(0) - 1);
  const auto repeats = static_cast<double>(without.size(0));
  const auto spread = (without - without.mean()).square().sum().item<double>();
  return {values[-1].item<double>(), std::sqrt((repeats - 1.0) / repeats * spread)};
}

torch::Tensor over_all_states(const comm::Communicator& comm, torch::Tensor sums,
                              std::int64_t states) {
  auto count = torch::full({1}, states, torch::kInt64);
  comm::all_reduce_sum(comm, sums);
  comm::all_reduce_sum(comm, count);
  return sums / static_cast<double>(count.item<std::int64_t>());
}

/// log of a weighted mean's numerator: L + log sum_j e^{l - L}.
torch::Tensor log_sum(const score::RatioState& state) {
  return state.log_max + state.weight.to(torch::kFloat64).log();
}

torch::Tensor mean_of(const score::RatioState& state) {
  const auto weight = state.weight.to(torch::kFloat64).unsqueeze(1);
  return state.weighted_sum.to(torch::kFloat64) / weight;
}

}  // namespace

EstimatorErrors errors_of(const comm::Communicator& comm, const torch::Tensor& estimates,
                          const torch::Tensor& truth) {
  base::expects(estimates.size(0) >= 3, "at least three repeats");
  const auto errors = over_all_states(
      comm, leave_one_out(estimates, truth.to(torch::kFloat64)).contiguous(), truth.size(0));
  return {jackknife(errors.select(1, 0)), jackknife(errors.select(1, 1)),
          jackknife(errors.select(1, 2))};
}

EstimatorTheory theory_of(const torch::Tensor& x, const torch::Tensor& data,
                          score::NoiseLevel noise) {
  const double a = noise.signal, v = noise.variance;
  const auto log_norm = data.square().sum(1).log();
  const score::NoiseLevel squared = {a, 0.5 * v};  // p^2 is a Gaussian of half the variance
  const auto first = score::ratio_state(x, data, noise, {});
  const auto second = score::ratio_state(x, data, squared, {});
  const auto norm_1 =
      (log_sum(score::ratio_state(x, data, noise, log_norm)) - log_sum(first)).exp();
  const auto norm_2 =
      (log_sum(score::ratio_state(x, data, squared, log_norm)) - log_sum(second)).exp();
  const auto mean_1 = mean_of(first), mean_2 = mean_of(second);
  const auto kappa =
      (log_sum(second) - 2.0 * log_sum(first)).exp() * static_cast<double>(data.size(0));
  const auto spread = norm_2 - 2.0 * (mean_1 * mean_2).sum(1) + mean_1.square().sum(1);
  return {.score = (a * mean_1 - x) / v,
          .bias_times_m = (mean_2 - mean_1) * kappa.unsqueeze(1) * (-a / v),
          .variance_times_m = kappa * spread * (a * a / (v * v)),
          .draw_variance = (norm_1 - mean_1.square().sum(1)) * (a * a / (v * v))};
}

torch::Tensor expected_l1(const torch::Tensor& bias, const torch::Tensor& variance,
                          double repeats) {
  const auto std = (variance / (repeats * static_cast<double>(bias.size(1)))).sqrt().unsqueeze(1);
  // E |N(b, s^2)| = s sqrt(2/pi) e^{-b^2/(2 s^2)} + b erf(b / (s sqrt 2))
  const auto ratio = bias / (std * std::numbers::sqrt2);
  const auto folded =
      std * std::sqrt(2.0 / std::numbers::pi) * (-ratio.square()).exp() + bias * ratio.erf();
  return folded.sum(1);
}

double mean_over_states(const comm::Communicator& comm, const torch::Tensor& values) {
  const auto sum = values.to(torch::kFloat64).sum().view({1});
  return over_all_states(comm, sum, values.size(0)).item<double>();
}

}  // namespace tropism::app
