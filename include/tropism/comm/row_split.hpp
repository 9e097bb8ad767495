// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tropism::comm {

/// The rows [first, first + count) of something that all ranks share.
struct RowRange {
  std::int64_t first = 0;
  std::int64_t count = 0;
  friend bool operator==(const RowRange&, const RowRange&) = default;
};

/// The share of one rank when `total` rows are dealt out in rank order as evenly as possible:
/// shares differ by one block of `multiple` rows at most, a partial block counting as one, and the
/// first ranks have the larger ones. Every row has exactly one owner. All shares begin at a
/// multiple of `multiple`; only the last block of all may be partial. With fewer blocks than ranks,
/// some ranks have no row.
/// @throws ContractError  if total < 0, multiple < 1, or rank is not in [0, ranks)
[[nodiscard]] RowRange split_rows(std::int64_t total, int ranks, int rank,
                                  std::int64_t multiple = 1);

}  // namespace tropism::comm
