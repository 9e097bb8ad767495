// SPDX-License-Identifier: MIT
#include "row_weights.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tropism::score {
namespace {

/// sum_k (x_k - scale y_k)^2
double squared_distance(const float* x, const float* y, double scale, std::int64_t dimension) {
  double sum = 0.0;
  for (std::int64_t k = 0; k < dimension; ++k) {
    const double difference = static_cast<double>(x[k]) - scale * static_cast<double>(y[k]);
    sum += difference * difference;
  }
  return sum;
}

double log_kernel(ContextKernel kernel, double squared) {
  return kernel == ContextKernel::gaussian ? -0.5 * squared
                                           : std::log(std::max(0.0, 1.0 - squared));
}

}  // namespace

std::vector<double> cumulated_weights(const Queries& queries, std::int64_t query,
                                      const RowsOfBlock& rows, NoiseLevel noise) {
  const auto& block = rows.block;
  const std::int64_t dimension = queries.x.size(1);
  const auto* x = queries.x.data_ptr<float>() + query * dimension;
  const auto* row = block.x.data_ptr<float>() + rows.first * dimension;
  std::vector<double> values(static_cast<std::size_t>(rows.count));
  for (auto& logit : values) {
    // l = -|x - a x_j|^2 / (2v)
    logit = -squared_distance(x, row, noise.signal, dimension) / (2.0 * noise.variance);
    row += dimension;
  }
  if (block.context_kernel != ContextKernel::none) {
    const std::int64_t width = queries.contexts.size(1);
    const auto* context = queries.contexts.data_ptr<float>() + query * width;
    const auto* other = block.contexts.data_ptr<float>() + rows.first * width;
    for (auto& logit : values) {
      logit += log_kernel(block.context_kernel, squared_distance(context, other, 1.0, width));
      other += width;
    }
  }
  const double largest = *std::max_element(values.begin(), values.end());
  double sum = 0.0;
  for (auto& value : values) value = sum += std::exp(value - largest);
  return values;
}

std::int64_t row_at(const std::vector<double>& cumulated, double fraction) {
  const auto found =
      std::upper_bound(cumulated.begin(), cumulated.end(), fraction * cumulated.back());
  return std::min<std::int64_t>(found - cumulated.begin(),
                                static_cast<std::int64_t>(cumulated.size()) - 1);
}

}  // namespace tropism::score
