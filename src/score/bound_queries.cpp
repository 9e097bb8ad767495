// SPDX-License-Identifier: MIT
#include "bound_queries.hpp"

#include <tropism/comm/collectives.hpp>

namespace tropism::score {

std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>> sort_queries(
    const torch::Tensor& groups, std::int64_t micro_batch) {
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::int64_t>> sorted;
  const auto* group = groups.data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < groups.size(0); ++i)
    sorted[{micro_batch > 0 ? i / micro_batch : 0, group[i]}].push_back(i);
  return sorted;
}

BoundQueries::BoundQueries(const comm::Communicator& comm, Scope scope, const Binding& own,
                           std::int64_t micro_batch)
    : scope_(scope), contexts_(own.contexts), count_(own.groups.size(0)) {
  auto groups = own.groups.to(torch::kInt64).contiguous();
  if (scope == Scope::global) {
    const auto counts = comm::all_gather_rows(comm, torch::full({1}, count_, torch::kInt64));
    first_ = counts.narrow(0, 0, comm.rank()).sum().item<std::int64_t>();
    groups = comm::all_gather_rows(comm, groups);
    if (contexts_.defined()) contexts_ = comm::all_gather_rows(comm, contexts_.contiguous());
  }
  for (const auto& [key, rows] : sort_queries(groups, micro_batch))
    units_.push_back({key.second, torch::tensor(rows, torch::kInt64)});
}

Queries BoundQueries::gather(const comm::Communicator& comm, const torch::Tensor& x) const {
  return {scope_ == Scope::global ? comm::all_gather_rows(comm, x) : x, contexts_};
}

}  // namespace tropism::score
