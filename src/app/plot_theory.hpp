// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "directed_mixture.hpp"
#include "learned_functions.hpp"

namespace tropism::app {

/// Samples of one method at one beta, beside the optimum they aim at.
struct Response {
  std::string method;
  double beta;
  DirectedLaw law;            // law.beta: of the optimum p_0 e^{beta h / 2}
  double optimal_cost, cost;  // KL from p_0
};

/// What the theory says can be looked at, and what was learned.
struct Theory {
  std::vector<Response> responses;
  std::vector<LearnedFunctions> functions;  // of q-learning
};

/// Mean reward over beta; cost over mean reward; policy mean and value over states for one beta.
/// Curves are closed forms, points are ours.
[[nodiscard]] Plot plot_theory(const Theory& theory, double shown_beta);

}  // namespace tropism::app
