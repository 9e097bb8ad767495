// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <functional>
#include <utility>

#include <tropism/data/row_stream.hpp>
#include <tropism/score/ratio_data.hpp>

namespace tropism::score {

/// This rank's rows where they are too many to hold: they come block by block, in the same order at
/// each pass, with groups, log-weights and contexts that are computed for the block. What is handed
/// over is the receiver's to change. Not collective.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// One pass over all rows. @throws IoError   where a block cannot be read
  virtual void each_block(const std::function<void(DataRows&&)>& take) const = 0;
  /// Rows by their numbers among this rank's, rising, int64 [m]. No number gives no rows, which
  /// still tell dimension, groups and kernel.
  [[nodiscard]] virtual DataRows at(const torch::Tensor& numbers) const = 0;
};

/// Rows of a shard set as they are read. The reading thread only reads; what a row means to the
/// estimator is computed in the thread that asks for the pass.
class ShardRows final : public RowSource {
 public:
  /// Groups, log-weights and contexts of some rows; may take over their x. Must keep out of HDF5.
  using Convert = std::function<DataRows(const data::Dataset&)>;
  ShardRows(data::RowStream stream, Convert convert)
      : stream_(std::move(stream)), convert_(std::move(convert)) {}

  void each_block(const std::function<void(DataRows&&)>& take) const override {
    stream_.each_block([&](data::Dataset&& block) { take(convert_(block)); });
  }
  [[nodiscard]] DataRows at(const torch::Tensor& numbers) const override {
    return convert_(stream_.at(numbers));
  }

 private:
  data::RowStream stream_;
  Convert convert_;
};

}  // namespace tropism::score
