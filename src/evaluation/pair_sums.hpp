// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <functional>

namespace tropism::evaluation {

/// A function of squared distances, float64 of any shape; it may change them in place.
using PairFunction = std::function<torch::Tensor(torch::Tensor squares)>;

/// Mean of f(|x_i - y_j|^2) over all pairs; N, M >= 1. Blocks of matrix products in float64.
double mean_over_pairs(const torch::Tensor& x, const torch::Tensor& y, const PairFunction& f);

/// Mean of f(|x_i - x_j|^2) over i != j; N >= 2.
double mean_over_other_pairs(const torch::Tensor& x, const PairFunction& f);

}  // namespace tropism::evaluation
