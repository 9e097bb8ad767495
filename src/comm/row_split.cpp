// SPDX-License-Identifier: MIT
#include <tropism/comm/row_split.hpp>

#include <algorithm>

#include <tropism/base/error.hpp>

namespace tropism::comm {

RowRange split_rows(std::int64_t total, int ranks, int rank, std::int64_t multiple) {
  base::expects(total >= 0 && multiple >= 1, "total >= 0 and multiple >= 1");
  base::expects(rank >= 0 && rank < ranks, "a rank in [0, ranks)");
  const std::int64_t blocks = total / multiple + (total % multiple == 0 ? 0 : 1);
  const auto first_block = [&](std::int64_t r) {
    return r * (blocks / ranks) + std::min(r, blocks % ranks);
  };
  const auto first_row = [&](std::int64_t r) {
    return r == ranks ? total : std::min(first_block(r) * multiple, total);
  };
  return {first_row(rank), first_row(rank + 1) - first_row(rank)};
}

}  // namespace tropism::comm
