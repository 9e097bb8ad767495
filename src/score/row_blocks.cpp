// SPDX-License-Identifier: MIT
#include "row_blocks.hpp"

#include <algorithm>
#include <unordered_map>

namespace tropism::score {
namespace {

/// Rows [begin, end).
DataBlock make_block(const DataRows& rows, std::int64_t begin, std::int64_t end) {
  const auto part = [&](const torch::Tensor& values) {
    return values.defined() ? values.narrow(0, begin, end - begin) : values;
  };
  return DataBlock::make(part(rows.x), part(rows.log_weights), part(rows.contexts),
                         rows.context_kernel);
}

/// m of {0, ..., total - 1} without replacement, rising: the first m steps of a Fisher-Yates
/// shuffle.
std::vector<std::int64_t> choose(std::int64_t total, std::int64_t m, const torch::Tensor& uniform) {
  const auto* u = uniform.data_ptr<double>();
  std::unordered_map<std::int64_t, std::int64_t> moved;
  const auto value_at = [&](std::int64_t i) {
    const auto found = moved.find(i);
    return found == moved.end() ? i : found->second;
  };
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < m; ++i) {
    const auto j =
        std::min(total - 1, i + static_cast<std::int64_t>(u[i] * static_cast<double>(total - i)));
    chosen.push_back(value_at(j));
    moved[j] = value_at(i);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

std::vector<DataBlock> cut_into_blocks(const DataRows& rows, const torch::Tensor& row_numbers,
                                       std::int64_t block_rows) {
  std::vector<DataBlock> blocks;
  const std::int64_t count = rows.x.size(0);
  const auto* number = row_numbers.data_ptr<std::int64_t>();
  const auto block_of = [&](std::int64_t i) { return block_rows > 0 ? number[i] / block_rows : 0; };
  for (std::int64_t begin = 0; begin < count;) {
    std::int64_t end = begin + 1;
    while (end < count && block_of(end) == block_of(begin)) ++end;
    blocks.push_back(make_block(rows, begin, end));
    begin = end;
  }
  return blocks;
}

torch::Tensor chosen_of_share(GroupShare share, std::int64_t m, const torch::Tensor& uniform) {
  std::vector<std::int64_t> mine;
  for (const auto row : choose(share.total, m, uniform))
    if (row >= share.first && row < share.first + share.count) mine.push_back(row - share.first);
  return torch::tensor(mine, torch::kInt64);
}

}  // namespace tropism::score
