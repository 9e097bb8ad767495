// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tropism/comm/row_split.hpp>
#include <tropism/data/data_config.hpp>
#include <tropism/data/dataset.hpp>

namespace tropism::comm {
class Communicator;
}

namespace tropism::data {

/// Several HDF5 files read as one array: a directory with a manifest.json (its order; files, rows,
/// sizes and content hashes are checked on opening), a directory of *.h5 without one (in file-name
/// order), or one HDF5 file. Not only ours: any numeric type for x, rows of any shape, shards of
/// any length.
class ShardSet {
 public:
  /// Collective. Every rank opens every shard's header; the content hashes are shared out among the
  /// ranks. An error that one rank sees is thrown on all.
  /// @throws IoError   missing, altered or truncated shards; columns that some shards have and some
  /// lack;
  ///                   rows of different shape; wrong rank or type of a column; a set without a row
  ShardSet(const DataConfig& config, const comm::Communicator& comm);

  /// Reads these rows and no others. Not collective.
  /// @throws IoError   names shard and row of a value that is not finite (a reward may be NaN)
  [[nodiscard]] Dataset read(comm::RowRange rows) const;
  /// The same for several ranges, one after the other: rising and disjoint. Every file is opened
  /// once.
  [[nodiscard]] Dataset read(const std::vector<comm::RowRange>& ranges) const;

  [[nodiscard]] std::int64_t rows() const;
  [[nodiscard]] const std::vector<std::int64_t>& row_shape() const { return row_shape_; }
  [[nodiscard]] std::int64_t shard_count() const {
    return static_cast<std::int64_t>(shards_.size());
  }
  [[nodiscard]] bool has_label() const { return has_label_; }
  [[nodiscard]] bool has_reward() const { return has_reward_; }
  [[nodiscard]] std::optional<std::int64_t> context_size() const { return context_size_; }
  [[nodiscard]] const Scaling& scaling() const { return scaling_; }

 private:
  struct Shard {
    std::string path;
    std::int64_t first_row;
    std::int64_t rows;
  };

  struct Parts;
  void open_shards(const comm::Communicator& comm);
  void read_from(const Shard& shard, const std::vector<comm::RowRange>& ranges, Parts& parts) const;

  DataConfig config_;
  std::vector<Shard> shards_;
  std::vector<std::int64_t> row_shape_;
  bool has_label_ = false;
  bool has_reward_ = false;
  std::optional<std::int64_t> context_size_;
  Scaling scaling_;
};

/// Collective. What this rank needs of a set that is open: all rows if replicated, else its even
/// share (possibly none). An error that one rank sees is thrown on all.
[[nodiscard]] Dataset load(const ShardSet& shards, const DataConfig& config,
                           const comm::Communicator& comm);

/// Collective. Opens and loads.
[[nodiscard]] Dataset load(const DataConfig& config, const comm::Communicator& comm);

}  // namespace tropism::data
