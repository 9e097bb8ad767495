// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <tropism/comm/communicator.hpp>
#include <tropism/score/ratio_state.hpp>

namespace tropism::app {

/// A number and its standard error.
struct Measured {
  double value = 0.0;
  double standard_error = 0.0;
};

/// Errors of an estimator, averaged over states: of the mean over R repeats sum_d |bias_d|, the
/// trace of the covariance between repeats, and E |s_hat - s|^2.
struct EstimatorErrors {
  Measured bias, variance, squared_error;
};

/// Collective. Standard errors by the jackknife over repeats, which may share their rows between
/// states: of the choice of rows, at these states.
/// @param estimates   of this rank's states, float32 [R, Q, D], R >= 3; Q may be 0
/// @param truth       [Q, D]
[[nodiscard]] EstimatorErrors errors_of(const comm::Communicator& comm,
                                        const torch::Tensor& estimates, const torch::Tensor& truth);

/// What theory says of the estimate from m rows at some states, to first order in 1/m (the delta
/// method on the ratio of two means), with xbar_k, |x|^2_k the means under weights p^k and
/// kappa = E p^2 / (E p)^2:
///   bias       -(a/v) (kappa/m) (xbar_2 - xbar_1)
///   variance   (a/v)^2 (kappa/m) (|x|^2_2 - 2 xbar_1.xbar_2 + |xbar_1|^2)
/// At large t kappa -> 1 and this is E2's (a/v)^2 tr Cov(x_0) / m. One draw from the weights p
/// instead has no bias and the variance (a/v)^2 (|x|^2_1 - |xbar_1|^2) (E4).
struct EstimatorTheory {
  torch::Tensor score;             // (a xbar_1 - x)/v, [Q, D]: the truth
  torch::Tensor bias_times_m;      // [Q, D]
  torch::Tensor variance_times_m;  // [Q]
  torch::Tensor draw_variance;     // [Q]
};

/// @param x      states, [Q, D]
/// @param data   all rows, [N, D]
[[nodiscard]] EstimatorTheory theory_of(const torch::Tensor& x, const torch::Tensor& data,
                                        score::NoiseLevel noise);

/// E |N(bias, variance/repeats)| summed over coordinates, each with an equal share of the variance:
/// what a measured L1 bias is expected to be, [Q].
[[nodiscard]] torch::Tensor expected_l1(const torch::Tensor& bias, const torch::Tensor& variance,
                                        double repeats);

/// Collective. The mean over the states of all ranks.
[[nodiscard]] double mean_over_states(const comm::Communicator& comm, const torch::Tensor& values);

}  // namespace tropism::app
