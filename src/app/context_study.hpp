// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "context_law.hpp"
#include "directed_mixture.hpp"

/// Samples under a grid of contexts beside what is known of each.
namespace tropism::app {

/// What is known of one context.
struct ContextLaw {
  double context = 0.0;
  DirectedLaw exact;     // p(.|c) e^{beta h / 2}, the training rows with the kernel's weights, ours
  DirectedLaw smoothed;  // the same with what the kernel makes of infinitely many rows for p(.|c)
  double smoothed_divergence = 0.0;  // of that law from the exact one
};

/// One training: where its rows are, and what came of it at each context of the grid.
struct ContextStudy {
  std::string name;  // of the data
  ContextSupport support = {};
  double beta = 0.0;
  std::vector<ContextLaw> laws = {};
};

/// A table of errors over groups of contexts, and one of every third context.
[[nodiscard]] std::string context_tables(const std::vector<ContextStudy>& studies);
[[nodiscard]] nlohmann::json context_json(const std::vector<ContextStudy>& studies);

/// Densities of samples over contexts, with mean and standard deviation of ours and of the optimum;
/// three panels in a line.
[[nodiscard]] Plot plot_contexts(const std::vector<ContextStudy>& studies);

}  // namespace tropism::app
