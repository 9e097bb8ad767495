// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// Rows [first, first + count) of a block.
struct RowsOfBlock {
  const DataBlock& block;
  std::int64_t first, count;
};

/// Weights e^{l - max l} of the rows for one query, in float64, each added to those before it: what
/// they are depends on the query and these rows alone, to the last bit.
[[nodiscard]] std::vector<double> cumulated_weights(const Queries& queries, std::int64_t query,
                                                    const RowsOfBlock& rows, NoiseLevel noise);

/// The row in which a fraction in (0, 1) of the whole weight is reached.
[[nodiscard]] std::int64_t row_at(const std::vector<double>& cumulated, double fraction);

}  // namespace tropism::score
