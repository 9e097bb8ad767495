// SPDX-License-Identifier: MIT
#include "compared_distances.hpp"

#include <algorithm>

#include <tropism/evaluation/distances.hpp>

#include "shuffled.hpp"

namespace tropism::evaluation {
namespace {

Distance distance_of(const torch::Tensor& samples, const torch::Tensor& data,
                     const Batches& batches, const PairEstimate& estimate) {
  Distance distance;
  distance.value = estimate(some_rows(samples, Shuffle::x, most_compared_rows),
                            some_rows(data, Shuffle::y, most_compared_rows));
  static_cast<BatchMean&>(distance) = mean_over_batches(samples, data, batches, estimate);
  return distance;
}

Distance sliced(const torch::Tensor& samples, const torch::Tensor& data, const ReportConfig& config,
                WassersteinOrder order) {
  const auto directions =
      random_directions(static_cast<std::uint64_t>(config.seed), config.directions, data.size(1));
  return distance_of(samples, data, config.batches,
                     [&directions, order](const torch::Tensor& x, const torch::Tensor& y) {
                       return sliced_wasserstein(x, y, directions, order);
                     });
}

Distance discrepancy(const torch::Tensor& samples, const torch::Tensor& data, double bandwidth,
                     const ReportConfig& config) {
  return distance_of(samples, data, config.batches,
                     [bandwidth](const torch::Tensor& x, const torch::Tensor& y) {
                       return squared_mean_discrepancy(x, y, bandwidth);
                     });
}

}  // namespace

Distances compare_distances(const torch::Tensor& samples, const torch::Tensor& data,
                            const ReportConfig& config) {
  Distances distances;
  if (samples.size(0) == 0 || data.size(0) == 0) return distances;
  distances.sample_rows = std::min(samples.size(0), most_compared_rows);
  distances.data_rows = std::min(data.size(0), most_compared_rows);
  if (config.wants("mmd")) distances.bandwidth = median_distance(samples, data);
  if (distances.bandwidth)
    distances.discrepancy = discrepancy(samples, data, *distances.bandwidth, config);
  if (config.wants("energy"))
    distances.energy = distance_of(samples, data, config.batches, energy_distance);
  if (config.wants("sliced-wasserstein")) {
    distances.sliced_first = sliced(samples, data, config, WassersteinOrder::first);
    distances.sliced_second = sliced(samples, data, config, WassersteinOrder::second);
  }
  return distances;
}

}  // namespace tropism::evaluation
