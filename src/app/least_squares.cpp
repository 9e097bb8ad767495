// SPDX-License-Identifier: MIT
#include "least_squares.hpp"

#include <algorithm>
#include <cmath>

#include <tropism/base/error.hpp>

namespace tropism::app {
namespace {

struct Solution {
  torch::Tensor constants, standard_errors;
  double relative_error;
};

/// @param rows   terms_i/values_i, so that the law says rows . c = 1
Solution solve(const torch::Tensor& rows) {
  const auto scale = rows.norm(2, 0);  // columns differ by orders of magnitude: 1, bytes
  const auto A = rows / scale;
  // The pseudo-inverse: where all measurements are alike, columns share what one could explain.
  const auto inverse = torch::pinverse(torch::matmul(A.t(), A));
  const auto c = torch::mv(inverse, A.sum(0));
  const double squares = (torch::mv(A, c) - 1.0).square().sum().item<double>();
  const auto n = static_cast<double>(rows.size(0));
  const double freedom = std::max(1.0, n - static_cast<double>(rows.size(1)));
  return {c / scale, (inverse.diagonal() * (squares / freedom)).sqrt() / scale,
          std::sqrt(squares / n)};
}

/// Moves the constants of the columns `kept` to their places.
LeastSquares spread(const Solution& solution, const std::vector<std::int64_t>& kept,
                    std::int64_t count) {
  LeastSquares fit;
  fit.constants.resize(static_cast<std::size_t>(count));
  fit.standard_errors.resize(static_cast<std::size_t>(count));
  fit.relative_error = solution.relative_error;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const auto column = static_cast<std::size_t>(kept[i]);
    const auto place = static_cast<std::int64_t>(i);
    fit.constants[column] = solution.constants[place].item<double>();
    fit.standard_errors[column] = solution.standard_errors[place].item<double>();
  }
  return fit;
}

}  // namespace

LeastSquares fit_relative(const torch::Tensor& terms, const torch::Tensor& values) {
  base::expects(terms.dim() == 2 && terms.size(0) >= terms.size(1) && terms.size(1) >= 1,
                "at least as many measurements as constants");
  base::expects(values.gt(0.0).all().item<bool>(), "measurements > 0");
  const auto rows = terms / values.unsqueeze(1);
  std::vector<std::int64_t> kept;
  for (std::int64_t k = 0; k < rows.size(1); ++k) kept.push_back(k);
  while (true) {
    const auto solution = solve(rows.index_select(1, torch::tensor(kept, torch::kInt64)));
    const auto worst = solution.constants.argmin().item<std::int64_t>();
    if (solution.constants[worst].item<double>() >= 0.0 || kept.size() == 1)
      return spread(solution, kept, rows.size(1));
    kept.erase(kept.begin() + worst);
  }
}

}  // namespace tropism::app
