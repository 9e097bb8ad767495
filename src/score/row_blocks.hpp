// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include <tropism/base/random.hpp>
#include <tropism/score/ratio_data.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::score {

/// The rows of a group, cut where the block of the data set changes; 0 = uncut.
/// @param row_numbers   rising, int64 [M]
[[nodiscard]] std::vector<DataBlock> cut_into_blocks(const DataRows& rows,
                                                     const torch::Tensor& row_numbers,
                                                     std::int64_t block_rows);

/// Of a group of `total` rows a rank has those from `first` on, `count` of them.
struct GroupShare {
  std::int64_t first, count, total;
};

/// Which of the rank's rows are among the m < total drawn from the group, rising, int64.
/// @param uniform   of the draw, float64, m numbers
[[nodiscard]] torch::Tensor chosen_of_share(GroupShare share, std::int64_t m,
                                            const torch::Tensor& uniform);

}  // namespace tropism::score
