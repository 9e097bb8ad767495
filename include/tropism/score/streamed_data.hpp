// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include <tropism/base/random.hpp>
#include <tropism/comm/communicator.hpp>
#include <tropism/score/ratio_data.hpp>
#include <tropism/score/row_source.hpp>
#include <tropism/score/score_signal.hpp>

namespace tropism::score {

/// Whether it is remembered which rows belong to a group, 8 bytes a row: draws need it.
enum class RowPlaces { forgotten, remembered };

/// The rows that the ratio estimator averages over, as RatioData, but never held whole: a block of
/// the source at a time and, where there are several groups, a copy of its rows of one of them.
class StreamedData {
 public:
  /// Counts the rows of each group and finds the largest coordinate, in one pass. Collective if
  /// `scope` is global.
  /// @param centre   [D], the same on every rank
  /// @throws IoError   as the source; on all ranks if the scope is global
  StreamedData(const comm::Communicator& comm, Scope scope, std::shared_ptr<const RowSource> source,
               torch::Tensor centre, RowPlaces places = RowPlaces::forgotten);

  [[nodiscard]] std::int64_t num_groups() const {
    return static_cast<std::int64_t>(groups_.size());
  }
  [[nodiscard]] std::int64_t dimension() const { return centre_.size(0); }
  [[nodiscard]] bool has_weights() const { return has_weights_; }
  [[nodiscard]] const torch::Tensor& centre() const { return centre_; }
  [[nodiscard]] Scope scope() const { return scope_; }
  /// Rows of a group within the scope.
  [[nodiscard]] std::int64_t total_rows(std::int64_t group) const { return group_at(group).total; }
  /// No sum of the rows of one group exceeds it in any coordinate, nor does their number.
  [[nodiscard]] double bound() const;

  /// One pass over this rank's rows of some groups: hands over their blocks. Not collective.
  /// @param block_rows   blocks lie within that many consecutive rows of the source, as RatioData's
  /// do, and the source's must begin at multiples of it; 0 = they are as large as the source's
  using Take = std::function<void(std::int64_t group, const DataBlock& block)>;
  void each_block(const std::set<std::int64_t>& groups, std::int64_t block_rows,
                  const Take& take) const;

  /// This rank's part of m >= 1 rows of the group, the same that RatioData::draw gives; all rows
  /// where there are no more than m. Reads these rows alone. Not collective. Needs the places.
  /// @param block_rows   as above
  [[nodiscard]] std::vector<DataBlock> draw(std::int64_t group, std::int64_t m,
                                            const base::RandomStream& stream, Draw draw,
                                            std::int64_t block_rows) const;

 private:
  struct Group {
    torch::Tensor places;  // where each row stands among this rank's, int64; undefined = in order
    std::int64_t count = 0, first = 0, total = 0;  // rows of this rank, before it, of all ranks
  };
  [[nodiscard]] const Group& group_at(std::int64_t group) const {
    return groups_.at(static_cast<std::size_t>(group));
  }
  void count_rows(RowPlaces places);
  void place_among_ranks(const comm::Communicator& comm);

  Scope scope_;
  std::shared_ptr<const RowSource> source_;
  torch::Tensor centre_;
  bool has_weights_ = false;
  bool has_places_ = false;
  double largest_coordinate_ = 0.0;
  std::vector<Group> groups_;
};

}  // namespace tropism::score
