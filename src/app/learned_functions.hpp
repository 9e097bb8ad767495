// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <nlohmann/json.hpp>
#include <vector>

#include <tropism/score/gaussian_mixture.hpp>

#include "loaded_model.hpp"
#include "text_table.hpp"

/// Policy mean and value function of a model of the directed mixture (directed_mixture.hpp) beside
/// the closed forms, at one noise time tau over all states:
///   mu*(y) = grad log p~_tau(y),   J*(y) = 2 (log Z + log p~_tau(y) - log p_tau(y))   (D2, D4)
/// where p~ = p_0 e^{beta h / 2} / Z, and p_tau, p~_tau are noised up to tau.
namespace tropism::app {

struct LearnedFunctions {
  double beta = 0.0, noise_time = 0.0;
  torch::Tensor y;               // float64 [n], from -8 to 8
  torch::Tensor weight;          // p~_tau at y, sum 1: where the optimal process is
  torch::Tensor score;           // of p_tau
  torch::Tensor optimal_policy;  // mu*
  torch::Tensor policy_of_rows;  // D4: the weighted ratio estimate from the training rows
  torch::Tensor policy;          // learned
  torch::Tensor optimal_value;   // J*
  torch::Tensor value_of_rows;   // D2 on the training rows
  torch::Tensor value;           // learned, without its entropy part
};

/// @param mixture   p_0
/// @param rows      training rows, [M, 1], in the units of the model
[[nodiscard]] LearnedFunctions learned_functions(const LoadedModel& loaded,
                                                 const score::GaussianMixture& mixture,
                                                 const torch::Tensor& rows, double noise_time);

/// How much the optimum adds to the score, and the errors: roots of mean squares under the weight.
[[nodiscard]] Cells learned_titles();
[[nodiscard]] Cells learned_cells(const LearnedFunctions& at);
[[nodiscard]] nlohmann::json learned_json(const LearnedFunctions& at);

}  // namespace tropism::app
