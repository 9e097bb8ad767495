// SPDX-License-Identifier: MIT
#include <tropism/score/streamed_data.hpp>

#include <algorithm>
#include <utility>

#include "row_blocks.hpp"

#include <tropism/base/error.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/comm/collectives.hpp>

namespace tropism::score {
namespace {

/// Which rows of a block belong to a group.
struct GroupRows {
  std::int64_t group;
  torch::Tensor rows;  // rising, int64; undefined = all

  /// Their numbers, where the block begins at row `first`.
  [[nodiscard]] torch::Tensor numbers(std::int64_t first, std::int64_t count) const {
    return rows.defined() ? rows + first : torch::arange(first, first + count, torch::kInt64);
  }
};

std::vector<GroupRows> split_by_group(const DataRows& block) {
  if (!block.groups.defined()) return {{0, torch::Tensor()}};
  const auto [sorted, order] = block.groups.sort(/*stable=*/true, 0, /*descending=*/false);
  const auto [values, inverse, counts] = torch::unique_consecutive(sorted, false, true);
  if (values.size(0) == 1) return {{values.item<std::int64_t>(), torch::Tensor()}};
  std::vector<GroupRows> split;
  std::int64_t begin = 0;
  for (std::int64_t i = 0; i < values.size(0); ++i) {
    const auto count = counts[i].item<std::int64_t>();
    split.push_back({values[i].item<std::int64_t>(), order.narrow(0, begin, count)});
    begin += count;
  }
  return split;
}

void check_rows(const DataRows& rows, std::int64_t dimension) {
  const auto fits = [&](const torch::Tensor& values) {
    return !values.defined() || values.size(0) == rows.x.size(0);
  };
  base::expects(rows.x.dim() == 2 && rows.x.size(1) == dimension,
                "data rows [M, D] and a centre [D]");
  base::expects(fits(rows.groups) && fits(rows.log_weights) && fits(rows.contexts),
                "one group, log-weight and context per row");
}

}  // namespace

StreamedData::StreamedData(const comm::Communicator& comm, Scope scope,
                           std::shared_ptr<const RowSource> source, torch::Tensor centre,
                           RowPlaces places)
    : scope_(scope), source_(std::move(source)), centre_(std::move(centre)) {
  const auto count = [&] { count_rows(places); };
  if (scope == Scope::global)
    comm::together(comm, count);
  else
    count();
  place_among_ranks(comm);
}

void StreamedData::count_rows(RowPlaces places) {
  const auto none = source_->at(torch::empty({0}, torch::kInt64));
  check_rows(none, dimension());
  has_weights_ = none.log_weights.defined();
  has_places_ = places == RowPlaces::remembered;
  groups_.resize(static_cast<std::size_t>(none.num_groups));
  std::vector<std::vector<torch::Tensor>> numbers(groups_.size());
  std::int64_t first = 0;
  source_->each_block([&](DataRows&& block) {
    check_rows(block, dimension());
    const auto count = block.x.size(0);
    for (const auto& part : split_by_group(block)) {
      const auto index = static_cast<std::size_t>(part.group);
      groups_.at(index).count += part.rows.defined() ? part.rows.size(0) : count;
      if (has_places_ && block.groups.defined())
        numbers[index].push_back(part.numbers(first, count));
    }
    block.x.sub_(centre_);
    const auto farthest = torch::maximum(block.x.max(), -block.x.min()).item<double>();
    largest_coordinate_ = std::max(largest_coordinate_, farthest);
    first += count;
  });
  for (std::size_t i = 0; i < groups_.size(); ++i)
    if (!numbers[i].empty()) groups_[i].places = torch::cat(numbers[i]);
}

void StreamedData::place_among_ranks(const comm::Communicator& comm) {
  const bool global = scope_ == Scope::global;
  auto counts = torch::empty({1, num_groups()}, torch::kInt64);
  for (std::int64_t g = 0; g < num_groups(); ++g) counts[0][g] = group_at(g).count;
  auto largest = torch::full({1}, largest_coordinate_, torch::kFloat64);
  if (global) {
    counts = comm::all_gather_rows(comm, counts);
    comm::all_reduce_max(comm, largest);
  }
  largest_coordinate_ = largest.item<double>();
  const auto before = counts.narrow(0, 0, global ? comm.rank() : 0).sum(0), all = counts.sum(0);
  for (std::int64_t g = 0; g < num_groups(); ++g) {
    auto& group = groups_[static_cast<std::size_t>(g)];
    group.first = before[g].item<std::int64_t>();
    group.total = all[g].item<std::int64_t>();
  }
}

double StreamedData::bound() const {
  std::int64_t most_rows = 1;
  for (const auto& group : groups_) most_rows = std::max(most_rows, group.total);
  return static_cast<double>(most_rows) * std::max(1.0, largest_coordinate_);
}

void StreamedData::each_block(const std::set<std::int64_t>& groups, std::int64_t block_rows,
                              const Take& take) const {
  std::int64_t first = 0;
  source_->each_block([&](DataRows&& block) {
    block.x.sub_(centre_);
    const auto count = block.x.size(0);
    base::expects(block_rows == 0 || first % block_rows == 0,
                  "blocks of the source that begin where those of the sum do");
    for (const auto& part : split_by_group(block)) {
      if (!groups.contains(part.group)) continue;
      const auto rows = part.rows.defined() ? block.at(part.rows) : block;
      for (const auto& piece : cut_into_blocks(rows, part.numbers(first, count), block_rows))
        take(part.group, piece);
    }
    first += count;
  });
}

std::vector<DataBlock> StreamedData::draw(std::int64_t group_index, std::int64_t m,
                                          const base::RandomStream& stream, Draw draw,
                                          std::int64_t block_rows) const {
  base::expects(has_places_ && m >= 1, "draws of at least one row, of rows whose places are known");
  const auto& group = group_at(group_index);
  const GroupShare share = {group.first, group.count, group.total};
  const auto chosen =
      m < group.total ? chosen_of_share(share, m,
                                        stream.uniform(draw.episode * num_groups() + group_index,
                                                       draw.step, 1, m))
                      : torch::arange(group.count, torch::kInt64);
  if (chosen.numel() == 0) return {};
  const auto numbers = group.places.defined() ? group.places.index_select(0, chosen) : chosen;
  auto rows = source_->at(numbers);
  rows.x.sub_(centre_);
  return cut_into_blocks(rows, numbers, block_rows);
}

}  // namespace tropism::score
