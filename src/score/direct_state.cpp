// SPDX-License-Identifier: MIT
#include "direct_state.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "query_group.hpp"

namespace tropism::score {
namespace {

constexpr double weakest_signal = 1e-6;
constexpr std::int64_t numbers_in_cache = 131072;  // 512 KiB of rows
constexpr std::int64_t tile_multiple = 256;

/// The rows of all blocks in pieces that stay in the second-level cache while group after group of
/// queries is compared with them.
std::vector<KernelRows> pieces_of(std::span<const DataBlock> blocks, Weights weights) {
  std::vector<KernelRows> pieces;
  for (const auto& block : blocks) {
    const std::int64_t rows = block.x.size(0);
    const std::int64_t most = std::max(tile_multiple, numbers_in_cache / block.x.size(1));
    for (std::int64_t first = 0; first < rows; first += most)
      pieces.push_back(rows_of(block, weights, first, std::min(most, rows - first)));
  }
  return pieces;
}

}  // namespace

bool suits_direct_state(const torch::Tensor& x, NoiseLevel noise) {
  return x.device().is_cpu() && noise.signal >= weakest_signal;
}

RatioState direct_state(const Queries& any_queries, std::span<const DataBlock> blocks,
                        NoiseLevel noise, Weights weights) {
  const auto queries = any_queries.contiguous();
  const auto shape = shape_of(queries, blocks, noise);
  const auto pieces = pieces_of(blocks, weights);
  const double radius = largest_radius(blocks);
  std::vector<std::int64_t> order(static_cast<std::size_t>(queries.size()));
  std::iota(order.begin(), order.end(), 0);
  auto state = RatioState::empty(queries.size(), queries.x.size(1));
  const auto lanes = static_cast<std::int64_t>(kernel_lanes());
  at::parallel_for(0, queries.size(), lanes, [&](std::int64_t begin, std::int64_t end) {
    std::vector<QueryGroup> groups;
    for (std::int64_t first = begin; first < end; first += lanes) {
      const auto which = std::span(order).subspan(
          static_cast<std::size_t>(first), static_cast<std::size_t>(std::min(lanes, end - first)));
      groups.emplace_back(queries, which, noise.signal, radius, shape);
    }
    for (const auto& piece : pieces)
      for (auto& group : groups) group.add(piece);
    for (const auto& group : groups) group.write(state);
  });
  return state;
}

}  // namespace tropism::score
