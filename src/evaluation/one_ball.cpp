// SPDX-License-Identifier: MIT
#include <algorithm>

#include "spacing.hpp"

namespace tropism::evaluation {
namespace {

constexpr std::int64_t block_elements = std::int64_t{1} << 22;
constexpr int plain_differences = 2;  // of at::cdist: no matrix products, which cancel
constexpr double rounding = 1e-12;    // relative; a distance computed twice is in its own ball

/// The farthest rows of the reference not beyond the radius, and how many there are.
void reach(const torch::Tensor& points, const torch::Tensor& reference, const torch::Tensor& radius,
           Spacing spacing) {
  auto distance = at::cdist(points, reference, 2.0, plain_differences);
  const auto outside = distance > radius.unsqueeze(1) * (1.0 + rounding);
  spacing.rank.copy_(outside.logical_not().sum(1));
  spacing.distance.copy_(distance.masked_fill_(outside, 0.0).amax(1));
}

void reach_by_blocks(const torch::Tensor& x, const torch::Tensor& reference,
                     const torch::Tensor& radius, Spacing& spacing) {
  const auto points = x.to(torch::kFloat64).contiguous();
  const auto others = reference.to(torch::kFloat64).contiguous();
  const auto rows = std::max<std::int64_t>(1, block_elements / others.size(0));
  for (std::int64_t first = 0; first < points.size(0); first += rows) {
    const auto count = std::min(rows, points.size(0) - first);
    reach(points.narrow(0, first, count), others, radius.narrow(0, first, count),
          {spacing.distance.narrow(0, first, count), spacing.rank.narrow(0, first, count), {}});
  }
}

}  // namespace

void widen_to_one_ball(const torch::Tensor& x, const torch::Tensor& y, Spacing& within,
                       Spacing& to_y) {
  const auto radius = torch::maximum(within.distance, to_y.distance);
  reach_by_blocks(x, x, radius, within);
  within.rank.sub_(1);  // itself
  reach_by_blocks(x, y, radius, to_y);
}

}  // namespace tropism::evaluation
