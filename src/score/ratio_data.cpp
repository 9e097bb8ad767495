// SPDX-License-Identifier: MIT
#include <tropism/score/ratio_data.hpp>

#include "row_blocks.hpp"

#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::score {
namespace {

torch::Tensor select_rows(const torch::Tensor& values, const torch::Tensor& rows) {
  return values.defined() ? values.index_select(0, rows) : values;
}

}  // namespace

DataRows DataRows::at(const torch::Tensor& rows) const {
  return {.x = x.index_select(0, rows),
          .groups = select_rows(groups, rows),
          .num_groups = num_groups,
          .log_weights = select_rows(log_weights, rows),
          .contexts = select_rows(contexts, rows),
          .context_kernel = context_kernel,
          .pruning = pruning,
          .device = device};
}

RatioData::RatioData(const comm::Communicator& comm, Scope scope, const DataRows& rows,
                     torch::Tensor centre, std::int64_t block_rows)
    : scope_(scope),
      has_weights_(rows.log_weights.defined()),
      centre_(std::move(centre)),
      block_rows_(block_rows) {
  const auto fits = [&](const torch::Tensor& values) {
    return !values.defined() || values.size(0) == rows.x.size(0);
  };
  base::expects(rows.x.dim() == 2 && rows.x.size(1) == centre_.size(0),
                "data rows [M, D] and a centre [D]");
  base::expects(fits(rows.groups), "one group per row");
  base::expects(fits(rows.log_weights), "one log-weight per row");
  base::expects(fits(rows.contexts), "one context per row");
  base::expects(rows.contexts.defined() == (rows.context_kernel != ContextKernel::none),
                "contexts with their kernel");
  auto centred = rows;
  centred.x = rows.x - centre_;
  auto counts = torch::zeros({1, rows.num_groups}, torch::kInt64);
  for (std::int64_t group = 0; group < rows.num_groups; ++group) {
    groups_.push_back(rows_of_group(centred, group));
    counts[0][group] = groups_.back().rows.x.size(0);
  }
  auto largest = torch::zeros({1}, torch::kFloat64);
  if (rows.x.numel() > 0)
    largest[0] = torch::maximum(centred.x.max(), -centred.x.min()).item<double>();
  if (scope == Scope::global) comm::all_reduce_max(comm, largest);
  largest_coordinate_ = largest.item<double>();
  place_among_ranks(scope == Scope::global ? comm::all_gather_rows(comm, counts) : counts,
                    scope == Scope::global ? comm.rank() : 0);
}

RatioData::Group RatioData::rows_of_group(const DataRows& centred, std::int64_t group) const {
  Group result;
  const bool all = !centred.groups.defined();
  result.row_numbers = all ? torch::arange(centred.x.size(0), torch::kInt64)
                           : centred.groups.eq(group).nonzero().squeeze(1);
  result.rows = all ? centred : centred.at(result.row_numbers);
  result.blocks = cut_into_blocks(result.rows, result.row_numbers, block_rows_);
  for (auto& block : result.blocks) {
    if (centred.pruning > 0.0) block = block.pruned_to(centred.pruning);
    block = block.copied_to(centred.device);
  }
  return result;
}

void RatioData::place_among_ranks(const torch::Tensor& counts, std::int64_t my_place) {
  for (std::int64_t g = 0; g < num_groups(); ++g) {
    auto& group = groups_[static_cast<std::size_t>(g)];
    const auto of_group = counts.select(1, g);
    group.first = of_group.narrow(0, 0, my_place).sum().item<std::int64_t>();
    group.total = of_group.sum().item<std::int64_t>();
  }
}

std::vector<DataBlock> RatioData::draw(std::int64_t group_index, std::int64_t m,
                                       const base::RandomStream& stream, Draw draw) const {
  const auto& group = group_at(group_index);
  if (m == 0 || m >= group.total) return group.blocks;
  const auto uniform = stream.uniform(draw.episode * num_groups() + group_index, draw.step, 1, m);
  const auto rows = chosen_of_share({group.first, group.rows.x.size(0), group.total}, m, uniform);
  return cut_into_blocks(group.rows.at(rows), group.row_numbers.index_select(0, rows), block_rows_);
}

}  // namespace tropism::score
