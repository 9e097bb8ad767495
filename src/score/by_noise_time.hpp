// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace tropism::score {

/// Applies `of_level(points [b, D], noise time)` to the points of each distinct noise time in turn.
template <class OfLevel>
torch::Tensor score_by_noise_time(const torch::Tensor& x, const torch::Tensor& t,
                                  OfLevel&& of_level) {
  auto result = torch::empty_like(x);
  const auto all_times = t.to(torch::kFloat64);
  const auto times = std::get<0>(torch::_unique(all_times));
  for (std::int64_t i = 0; i < times.size(0); ++i) {
    const auto rows = all_times.eq(times[i]).nonzero().squeeze(1);
    result.index_copy_(0, rows, of_level(x.index_select(0, rows), times[i].item<double>()));
  }
  return result;
}

}  // namespace tropism::score
