// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <functional>
#include <utility>

#include <tropism/score/row_source.hpp>

namespace tropism::test {

/// Rows in memory that are handed over as if they were streamed: copies of blocks.
class MemoryRows final : public score::RowSource {
 public:
  MemoryRows(score::DataRows rows, std::int64_t block_rows)
      : rows_(std::move(rows)), block_rows_(block_rows) {}

  void each_block(const std::function<void(score::DataRows&&)>& take) const override {
    const std::int64_t total = rows_.x.size(0);
    for (std::int64_t first = 0; first < total; first += block_rows_)
      take(at(torch::arange(first, std::min(total, first + block_rows_), torch::kInt64)));
  }
  [[nodiscard]] score::DataRows at(const torch::Tensor& numbers) const override {
    return rows_.at(numbers);
  }

 private:
  score::DataRows rows_;
  std::int64_t block_rows_;
};

}  // namespace tropism::test
