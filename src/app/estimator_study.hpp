// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "estimator_errors.hpp"
#include "reproduce.hpp"

namespace tropism::app {

/// How large the study is.
struct StudySize {
  std::int64_t rows;        // N: behind the truth, and what estimates draw from
  std::int64_t states;      // over all ranks
  std::int64_t repeats;     // R
  std::int64_t draw_every;  // draws from the weights, which differ from state to state, are made at
                            // one state in this many
};

/// What was found with m rows, or m draws, at one noise time.
struct StudyRow {
  double noise_time;
  std::int64_t m;
  EstimatorErrors ratio, draws;
  double predicted_bias, predicted_variance;  // of the ratio: EstimatorTheory
  double predicted_bias_of_20;                // the same of 20 repeats instead of R
  double predicted_draws_bias;                // L1 of R repeats without a bias
  double predicted_draws_variance;
  double large_time_variance;  // (a/v)^2 tr Cov(x_0) / m
};

inline constexpr std::array<std::int64_t, 3> study_sizes_m = {30, 90, 300};

/// Collective: every rank takes its share of the states. The Swiss roll without noise, unscaled;
/// a = e^-t, v = 1 - e^-2t; states from p_t. Each repeat draws its m rows afresh from the N, the
/// same for all states; the draws from the softmax weights are independent, from all N rows.
[[nodiscard]] std::vector<StudyRow> study_estimator(const StudySize& size,
                                                    const std::vector<double>& noise_times,
                                                    const comm::Communicator& comm,
                                                    ProgressMode progress);

}  // namespace tropism::app
