// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include <tropism/base/random.hpp>
#include <tropism/comm/communicator.hpp>
#include <tropism/score/ratio_state.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::score {

/// Data rows this many apart never share a block of a reproducible sum: see RatioData.
inline constexpr std::int64_t reproducible_block_rows = 512;

/// Whether the rows of other ranks take part.
enum class Scope { local, global };

/// What this rank has of each row.
struct DataRows {
  torch::Tensor x;            // [M, D], M >= 0
  torch::Tensor groups = {};  // in [0, num_groups), int64 [M]; undefined = one group
  std::int64_t num_groups = 1;
  torch::Tensor log_weights = {};  // beta h(x_j)/2, [M]; undefined = no reward
  torch::Tensor contexts = {};     // divided by the bandwidth, [M, C]; undefined = no kernel
  ContextKernel context_kernel = ContextKernel::none;
  double pruning = 0.0;  // DataBlock::pruned_to of all blocks that are not drawn afresh; 0 = none
  torch::Device device = torch::kCPU;  // DataBlock::copied_to of the same blocks

  [[nodiscard]] DataRows at(const torch::Tensor& rows) const;  // int64 [m]
};

/// The rows that the ratio estimator averages over, in groups (one group: unconditional; a group
/// per label: conditional): a query is compared with the rows of its own group only.
///
/// Rows are kept sorted by group, each group cut into blocks that lie within `block_rows`
/// consecutive rows of the data set. If ranks split the data set at multiples of `block_rows`, the
/// blocks, and with them every partial sum, are the same for any number of ranks.
class RatioData {
 public:
  /// Collective if `scope` is global.
  /// @param centre        [D], the same on every rank
  /// @param block_rows    0 = one block per group
  RatioData(const comm::Communicator& comm, Scope scope, const DataRows& rows, torch::Tensor centre,
            std::int64_t block_rows);

  [[nodiscard]] std::int64_t num_groups() const {
    return static_cast<std::int64_t>(groups_.size());
  }
  [[nodiscard]] std::int64_t dimension() const { return centre_.size(0); }
  [[nodiscard]] bool has_weights() const { return has_weights_; }
  [[nodiscard]] const torch::Tensor& centre() const { return centre_; }
  [[nodiscard]] Scope scope() const { return scope_; }
  /// Rows of a group within the scope.
  [[nodiscard]] std::int64_t total_rows(std::int64_t group) const { return group_at(group).total; }
  /// Largest absolute coordinate within the scope, of the centred rows.
  [[nodiscard]] double largest_coordinate() const { return largest_coordinate_; }

  /// All blocks of a group that this rank holds.
  [[nodiscard]] const std::vector<DataBlock>& blocks(std::int64_t group) const {
    return group_at(group).blocks;
  }
  /// This rank's part of m rows of the group, drawn afresh without replacement by (seed, episode,
  /// step) from all rows within the scope; all rows where m is 0 or not smaller than their number.
  [[nodiscard]] std::vector<DataBlock> draw(std::int64_t group, std::int64_t m,
                                            const base::RandomStream& stream, Draw draw) const;

 private:
  struct Group {
    DataRows rows;
    torch::Tensor row_numbers;  // where each row stands among this rank's rows
    std::vector<DataBlock> blocks;
    std::int64_t first = 0, total = 0;  // place of this rank's rows among all rows of the group
  };
  [[nodiscard]] const Group& group_at(std::int64_t group) const {
    return groups_.at(static_cast<std::size_t>(group));
  }

  [[nodiscard]] Group rows_of_group(const DataRows& centred, std::int64_t group) const;
  void place_among_ranks(const torch::Tensor& counts, std::int64_t my_place);

  Scope scope_;
  bool has_weights_;
  torch::Tensor centre_;
  std::int64_t block_rows_;
  double largest_coordinate_ = 0.0;
  std::vector<Group> groups_;
};

}  // namespace tropism::score
