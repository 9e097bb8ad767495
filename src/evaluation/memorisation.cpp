// SPDX-License-Identifier: MIT
#include <tropism/evaluation/memorisation.hpp>

#include <cmath>

#include <tropism/evaluation/moments.hpp>

namespace tropism::evaluation {
namespace {

torch::Tensor first_distance(const Neighbours& neighbours) {
  return neighbours.distance.select(1, 0);
}

}  // namespace

double spread_of(const torch::Tensor& points) {
  const auto x = points.to(torch::kCPU, torch::kFloat64);
  return std::sqrt((x - x.mean(0)).square().sum(1).mean().item<double>());
}

Memorisation memorisation(const Neighbours& to_data, const Neighbours& within_data, double spread) {
  const auto distance = first_distance(to_data);
  Memorisation result;
  result.mean_distance = moments_of(distance).mean;
  result.data_mean_distance = moments_of(first_distance(within_data)).mean;
  result.copies = distance.le(copy_distance * spread).sum().item<std::int64_t>();
  const bool comparable = result.mean_distance && result.data_mean_distance.value_or(0.0) > 0.0;
  if (comparable) result.ratio = *result.mean_distance / *result.data_mean_distance;
  return result;
}

}  // namespace tropism::evaluation
