// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>

#include <tropism/comm/row_split.hpp>
#include <tropism/data/dataset.hpp>
#include <tropism/data/shard_set.hpp>

namespace tropism::data {

/// Whether the next block is read while the one before it is at work.
enum class ReadAhead { none, one_block };

/// How many rows of x [N, D] make a block of about `megabytes` (10^6 bytes of float32): a multiple
/// of `multiple`, and at least that many.
[[nodiscard]] std::int64_t rows_per_block(double megabytes, std::int64_t dimension,
                                          std::int64_t multiple = 1);

/// Rows of a shard set that are read block by block, as often as one likes, and never held whole:
/// two blocks are in memory at a time, the one at work and the one that a thread reads meanwhile
/// (and, where a block lies in two shards or is not of float32, another while it is put together).
///
/// HDF5 as we have it is not thread-safe. A pass has at most one read under way, begun after the
/// one before it has ended, so one thread is in HDF5 at a time; whoever is handed a block must keep
/// out of HDF5 until the pass is over, for the next block is being read.
class RowStream {
 public:
  /// @param rows         of the set, possibly none
  /// @param block_rows   rows of every block but the last, >= 1
  RowStream(std::shared_ptr<const ShardSet> shards, comm::RowRange rows, std::int64_t block_rows,
            ReadAhead read_ahead = ReadAhead::one_block);

  /// One pass: hands over every block in the order of the rows. Not collective.
  /// @throws IoError   as ShardSet::read, also where the reading thread met it; and whatever
  /// `take` throws. Either way the reading has ended then.
  void each_block(const std::function<void(Dataset&&)>& take) const;

  /// The rows of these numbers alone. @param numbers   rising, counted within `rows`, int64 [m]
  [[nodiscard]] Dataset at(const torch::Tensor& numbers) const;

  [[nodiscard]] comm::RowRange rows() const { return rows_; }
  [[nodiscard]] std::int64_t block_rows() const { return block_rows_; }
  [[nodiscard]] const ShardSet& shards() const { return *shards_; }

 private:
  [[nodiscard]] Dataset read_block(std::int64_t first) const;

  std::shared_ptr<const ShardSet> shards_;
  comm::RowRange rows_;
  std::int64_t block_rows_;
  ReadAhead read_ahead_;
};

}  // namespace tropism::data
