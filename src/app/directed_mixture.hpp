// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <tropism/evaluation/moments.hpp>

#include "config.hpp"
#include "mixture_law.hpp"
#include "plot_gnuplot.hpp"
#include "reproduce.hpp"
#include "text_table.hpp"

/// Mixtures in one dimension that h(y) = -(y - 6)^2 directs, Figure 1 of [GZZ24]: how they are
/// learned, and samples beside the exact optimum p_0 e^{beta h / 2} (MATH D3).
namespace tropism::app {

inline constexpr std::int64_t directed_batch_rows = 300;  // trajectories per episode, as published

struct DirectedPlan {
  int episodes, steps;
  std::int64_t samples;  // to judge by
};
[[nodiscard]] DirectedPlan directed_plan(const ReproduceSetting& setting);

/// The run for one beta, without a context.
[[nodiscard]] Config directed_config(const ReproduceSetting& setting, double beta);

/// What is known of one beta. Laws of points are beside the exact optimum.
struct DirectedLaw {
  double beta = 0.0;
  score::GaussianMixture optimum;
  double mean = 0.0, std = 0.0, mean_reward = 0.0;  // of the optimum
  SampleLaw rows;            // of the data with weights e^{beta h / 2}, and the kernel's if any
  double rows_reward = 0.0;  // their mean reward
  SampleLaw law;             // of the samples
  evaluation::Moments reward;
  torch::Tensor samples, data;  // [N, 1], [M, 1]
};

/// @param mixture      p_0
/// @param data         rows of it that were trained on
/// @param log_kernel   weights of the rows beside those of the reward, float64 [M]; undefined: none
[[nodiscard]] DirectedLaw directed_law(const score::GaussianMixture& mixture, double beta,
                                       const torch::Tensor& samples, const torch::Tensor& data,
                                       const torch::Tensor& log_kernel = {});

/// The exact optimum, p_0 tilted; E h under it; and its divergence from p_0 in nats, the least of
/// all laws with that mean reward: the tilts are the exponential family of h.
[[nodiscard]] score::GaussianMixture directed_optimum(const score::GaussianMixture& mixture,
                                                      double beta);
[[nodiscard]] double directed_reward(const score::GaussianMixture& optimum);
[[nodiscard]] double directed_cost(const score::GaussianMixture& mixture, double beta);

/// (beta / 2) h of points, float64 [N], and log E e^{beta h / 2}.
[[nodiscard]] torch::Tensor directed_log_weights(double beta, const torch::Tensor& y);
[[nodiscard]] double directed_log_normaliser(const score::GaussianMixture& mixture, double beta);

/// Titles, and three lines of a table: the optimum, the rows with weights, and ours.
[[nodiscard]] Cells directed_titles();
[[nodiscard]] std::vector<Cells> directed_cells(const DirectedLaw& law);
[[nodiscard]] nlohmann::json directed_json(const DirectedLaw& law);

struct DirectedPanel {
  std::string title;
  DirectedLaw law;
};
/// Samples as boxes, the optimum as a curve, the training rows' outline; three panels in a line.
[[nodiscard]] Plot plot_directed(const std::string& title,
                                 const std::vector<DirectedPanel>& panels);

}  // namespace tropism::app
