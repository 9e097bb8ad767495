// SPDX-License-Identifier: MIT
#include "direct_state.hpp"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <memory_resource>
#include <numeric>
#include <vector>

#include "query_group.hpp"

#include <tropism/base/unwritten.hpp>

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

/// Which queries are computed by differences, and which by products.
std::array<std::vector<std::int64_t>, 2> by_arithmetic(const PreparedQueries& prepared,
                                                       std::span<const std::int64_t> queries) {
  std::array<std::vector<std::int64_t>, 2> which;
  which[0].reserve(queries.size());
  for (const auto i : queries)
    which[prepared.products_suit(static_cast<std::size_t>(i)) ? 1 : 0].push_back(i);
  return which;
}

std::vector<std::int64_t> all_of(const Queries& queries) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(queries.size()));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

std::size_t num_groups(std::span<const std::int64_t> which) {
  return (which.size() + kernel_lanes() - 1) / kernel_lanes();
}

/// A few large blocks of memory in place of many small ones; those of tensors are at hand.
class GroupMemory {
 public:
  explicit GroupMemory(std::size_t bytes)
      : block_(base::unwritten({static_cast<std::int64_t>(bytes)}, torch::kUInt8)),
        resource_(block_.data_ptr(), bytes) {}
  [[nodiscard]] std::pmr::memory_resource* resource() { return &resource_; }

 private:
  torch::Tensor block_;
  std::pmr::monotonic_buffer_resource resource_;
};

using QueryGroups = std::pmr::vector<QueryGroup>;

QueryGroups groups_of(const PreparedQueries& prepared, std::span<const std::int64_t> which,
                      Arithmetic arithmetic, GroupMemory& memory) {
  QueryGroups groups(memory.resource());
  groups.reserve(num_groups(which));
  for (std::size_t first = 0; first < which.size(); first += kernel_lanes())
    groups.emplace_back(prepared,
                        which.subspan(first, std::min(kernel_lanes(), which.size() - first)),
                        arithmetic, memory.resource());
  return groups;
}

/// Calls `use` with these queries in groups, some of them on each thread.
template <class Use>
void in_groups(const PreparedQueries& prepared, std::span<const std::int64_t> queries,
               Arithmetic arithmetic, Use&& use) {
  at::parallel_for(
      0, static_cast<std::int64_t>(queries.size()), static_cast<std::int64_t>(kernel_lanes()),
      [&](std::int64_t begin, std::int64_t end) {
        const auto part =
            queries.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
        GroupMemory memory(num_groups(part) *
                           (sizeof(QueryGroup) + QueryGroup::bytes(prepared.shape)));
        auto groups = groups_of(prepared, part, arithmetic, memory);
        use(groups);
      });
}

/// Each by the arithmetic that suits it.
template <class Use>
void in_groups(const PreparedQueries& prepared, std::span<const std::int64_t> queries, Use&& use) {
  if (!prepared.products_can_suit())
    return in_groups(prepared, queries, Arithmetic::differences, use);
  const auto which = by_arithmetic(prepared, queries);
  in_groups(prepared, which[0], Arithmetic::differences, use);
  in_groups(prepared, which[1], Arithmetic::products, use);
}

}  // namespace

bool suits_direct_state(const torch::Tensor& x, NoiseLevel noise) {
  return x.device().is_cpu() && noise.signal >= weakest_signal;
}

RatioState direct_state(const Queries& queries, std::span<const DirectUnit> units, NoiseLevel noise,
                        Weights weights) {
  PreparedQueries prepared(queries, noise);
  const std::int64_t B = queries.size();
  RatioState state = {base::unwritten({B}, torch::kFloat64), base::unwritten({B}),
                      base::unwritten({B}), base::unwritten({B, queries.x.size(1)})};
  for (const auto& unit : units) {
    prepared.meet(unit.blocks);
    const auto pieces = pieces_of(unit.blocks, weights);
    in_groups(prepared, unit.queries, [&](QueryGroups& groups) {
      for (const auto& piece : pieces)
        for (auto& group : groups) group.add(piece);
      for (const auto& group : groups) group.write(state);
    });
  }
  return state;
}

RatioState direct_state(const Queries& queries, std::span<const DataBlock> blocks, NoiseLevel noise,
                        Weights weights) {
  const auto all = all_of(queries);
  const DirectUnit unit = {all, blocks};
  return direct_state(queries, std::span(&unit, 1), noise, weights);
}

PieceWeights direct_piece_weights(const Queries& queries, const DataBlock& block,
                                  std::int64_t piece_rows, NoiseLevel noise) {
  const PreparedQueries prepared(queries, std::span(&block, 1), noise);
  const std::int64_t rows = block.x.size(0), pieces = (rows + piece_rows - 1) / piece_rows,
                     B = queries.size();
  PieceWeights weights = {base::unwritten({pieces, B}, torch::kFloat64),
                          base::unwritten({pieces, B})};
  in_groups(prepared, all_of(queries), [&](QueryGroups& groups) {
    for (std::int64_t i = 0; i < pieces; ++i) {
      const std::int64_t first = i * piece_rows;
      const auto piece = rows_of(block, Weights::none, first, std::min(piece_rows, rows - first));
      for (auto& group : groups) {
        group.add(piece);
        group.take_weights(weights.log_max.data_ptr<double>() + i * B,
                           weights.weight.data_ptr<float>() + i * B);
      }
    }
  });
  return weights;
}

}  // namespace tropism::score
