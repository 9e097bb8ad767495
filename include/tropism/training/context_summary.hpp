// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>

#include <tropism/comm/communicator.hpp>
#include <tropism/data/dataset.hpp>

namespace tropism::io {
class Hdf5File;
}

namespace tropism::training {

/// Of a larger set this many contexts are kept, one of each of as many equal parts of its rows.
inline constexpr std::int64_t most_contexts_kept = 16384;

/// What a model must remember of the continuous contexts of its data: training and sampling draw
/// from them, and neither then needs the rows of other ranks or the data themselves.
struct ContextSummary {
  torch::Tensor kept;       // contexts of the data, in the order of the rows, float32 [n, C]
  torch::Tensor low, high;  // smallest and largest of each coordinate in all rows, float32 [C]
  torch::Tensor mean, sd;   // of each coordinate of those kept, float64 [C]; sd is exactly 0 where
                            // the coordinate is constant

  [[nodiscard]] std::int64_t size() const { return kept.size(1); }
  void write(io::Hdf5File& file) const;  // to /data/context_kept, ...
  /// @return   nothing where write() was not called
  [[nodiscard]] static std::optional<ContextSummary> read(const io::Hdf5File& file);
};

/// Collective. The summary of the contexts of the set that `part` is the part of this rank of
/// `comm`; parts follow each other in rank order. The same bits on any number of ranks.
/// @param part   has contexts
[[nodiscard]] ContextSummary summarise_contexts(const comm::Communicator& comm,
                                                const data::Dataset& part);

}  // namespace tropism::training
