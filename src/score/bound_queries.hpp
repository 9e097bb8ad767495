// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/score/ratio_signal.hpp>

namespace tropism::score {

/// Queries by (micro-batch, group): the shapes of all products then depend on neither the number of
/// ranks nor the scope. With micro_batch = 0 by group alone.
/// @param groups   of each query, int64 [B], contiguous
[[nodiscard]] std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>>
sort_queries(const torch::Tensor& groups, std::int64_t micro_batch);

/// The queries of all ranks within the scope, in rank order, and which group each is bound to.
class BoundQueries {
 public:
  /// Queries that share a group (and a micro-batch).
  struct Unit {
    std::int64_t group;
    torch::Tensor rows;  // which queries, int64 [b]
  };

  /// Collective if the scope is global.
  /// @param micro_batch   see sort_queries
  BoundQueries(const comm::Communicator& comm, Scope scope, const Binding& own,
               std::int64_t micro_batch);

  /// Collective if the scope is global. @param x   of this rank's queries, centred
  [[nodiscard]] Queries gather(const comm::Communicator& comm, const torch::Tensor& x) const;
  /// The rows of this rank's queries.
  [[nodiscard]] torch::Tensor own(const torch::Tensor& of_all) const {
    return of_all.narrow(0, first_, count_);
  }
  [[nodiscard]] const std::vector<Unit>& units() const { return units_; }
  [[nodiscard]] std::int64_t count() const { return count_; }  // of this rank

 private:
  Scope scope_;
  torch::Tensor contexts_;
  std::vector<Unit> units_;
  std::int64_t first_ = 0;
  std::int64_t count_;
};

}  // namespace tropism::score
