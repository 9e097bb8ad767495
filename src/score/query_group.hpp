// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory_resource>
#include <numbers>
#include <span>
#include <vector>

#include "direct_kernel.hpp"
#include "prepared_queries.hpp"

#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// Rows [first, first + count) of a block.
[[nodiscard]] KernelRows rows_of(const DataBlock& block, Weights weights, std::int64_t first,
                                 std::int64_t count);

/// A few queries in the lanes of the kernel, and their running sums; the last query fills the lanes
/// that are left over.
class QueryGroup {
 public:
  /// @param which    numbers of 1 to kernel_lanes() of the queries; must outlive the group
  /// @param memory   where its numbers are to lie; must outlive the group
  QueryGroup(const PreparedQueries& prepared, std::span<const std::int64_t> which,
             Arithmetic arithmetic,
             std::pmr::memory_resource* memory = std::pmr::get_default_resource());
  /// What a group takes of that memory, unless a query is far.
  [[nodiscard]] static std::size_t bytes(const KernelShape& shape);

  void add(const KernelRows& rows);
  void write(RatioState& state) const;
  /// Writes L and the weight of each query alone, to its place, and begins anew.
  void take_weights(double* log_max, float* weight);

  [[nodiscard]] std::size_t lanes() const { return lanes_; }
  /// Coordinate k of m = x/a, by lane.
  [[nodiscard]] const float* coordinates(std::size_t k) const {
    return (mirrored_.empty() ? x_ : points_).data() + k * lanes_;
  }
  /// |m - r|^2 of direct_kernel.hpp, which the logits of a lane leave out.
  [[nodiscard]] double removed(std::size_t lane) const { return removed_[lane]; }
  /// A lower bound of log2 of the sum of each lane so far; -infinity before any data.
  void log2_sums(std::vector<float>& bounds) const;

 private:
  /// The query in a lane.
  [[nodiscard]] std::size_t query_of(std::size_t lane) const {
    return static_cast<std::size_t>(which_[lane < which_.size() ? lane : which_.size() - 1]);
  }
  [[nodiscard]] double log_max_of(std::size_t lane) const {
    return (static_cast<double>(log_max_[lane]) - shape_.scale * removed_[lane]) *
           std::numbers::ln2;
  }
  void place(const PreparedQueries& prepared);
  void mirror(const PreparedQueries& prepared, std::size_t lane);

  KernelShape shape_;
  std::size_t lanes_;
  std::span<const std::int64_t> which_;
  std::pmr::vector<float> x_, contexts_;
  std::pmr::vector<float> mirrored_, points_;  // empty where no query is far; points_: m
  std::pmr::vector<double> removed_;
  std::pmr::vector<float> log_max_;
  std::pmr::vector<double> sums_;
};

}  // namespace tropism::score
