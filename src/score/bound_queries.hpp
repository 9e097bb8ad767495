// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <algorithm>
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

/// Rows behind each query: all of its group in `data`, or the `samples` that are drawn of them
/// (0 = all). @param groups   of each query, [B]. @return   float32 [B]
template <class Data>
[[nodiscard]] torch::Tensor rows_behind(const Data& data, const torch::Tensor& groups,
                                        std::int64_t samples) {
  auto of_groups = torch::empty({data.num_groups()});
  auto* of_group = of_groups.template data_ptr<float>();
  for (std::int64_t group = 0; group < data.num_groups(); ++group) {
    const std::int64_t rows = data.total_rows(group);
    of_group[group] = static_cast<float>(samples > 0 ? std::min(rows, samples) : rows);
  }
  return of_groups.index_select(0, groups.to(torch::kInt64));
}

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
