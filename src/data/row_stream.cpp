// SPDX-License-Identifier: MIT
#include <tropism/data/row_stream.hpp>

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

#include <tropism/base/error.hpp>

namespace tropism::data {
namespace {

/// Runs of consecutive numbers.
std::vector<comm::RowRange> runs_of(const torch::Tensor& numbers, std::int64_t offset) {
  const auto rising = numbers.to(torch::kInt64).contiguous();
  const auto* number = rising.data_ptr<std::int64_t>();
  std::vector<comm::RowRange> runs;
  for (std::int64_t i = 0; i < rising.numel(); ++i) {
    const std::int64_t row = offset + number[i];
    if (!runs.empty() && row == runs.back().first + runs.back().count)
      ++runs.back().count;
    else
      runs.push_back({row, 1});
  }
  return runs;
}

}  // namespace

std::int64_t rows_per_block(double megabytes, std::int64_t dimension, std::int64_t multiple) {
  base::expects(megabytes > 0.0 && dimension >= 1 && multiple >= 1, "blocks of a positive size");
  const auto rows =
      static_cast<std::int64_t>(megabytes * 1e6 / (4.0 * static_cast<double>(dimension)));
  return std::max(rows / multiple, std::int64_t{1}) * multiple;
}

RowStream::RowStream(std::shared_ptr<const ShardSet> shards, comm::RowRange rows,
                     std::int64_t block_rows, ReadAhead read_ahead)
    : shards_(std::move(shards)), rows_(rows), block_rows_(block_rows), read_ahead_(read_ahead) {
  base::expects(block_rows >= 1, "blocks of at least one row");
  base::expects(rows.first >= 0 && rows.count >= 0 && rows.count <= shards_->rows() - rows.first,
                "the rows are in the shard set");
}

Dataset RowStream::read_block(std::int64_t first) const {
  return shards_->read({rows_.first + first, std::min(block_rows_, rows_.count - first)});
}

void RowStream::each_block(const std::function<void(Dataset&&)>& take) const {
  const auto policy =
      read_ahead_ == ReadAhead::one_block ? std::launch::async : std::launch::deferred;
  const auto start_reading = [&](std::int64_t first) {
    return first < rows_.count ? std::async(policy, [this, first] { return read_block(first); })
                               : std::future<Dataset>();
  };
  // A future of std::async waits for its thread where an exception ends this pass.
  auto next = start_reading(0);
  for (std::int64_t first = 0; first < rows_.count; first += block_rows_) {
    auto block = next.get();
    next = start_reading(first + block_rows_);
    take(std::move(block));
  }
}

Dataset RowStream::at(const torch::Tensor& numbers) const {
  base::expects(numbers.numel() == 0 || numbers[-1].item<std::int64_t>() < rows_.count,
                "numbers of rows of this stream");
  return shards_->read(runs_of(numbers, rows_.first));
}

}  // namespace tropism::data
