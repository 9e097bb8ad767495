// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/data/dataset.hpp>
#include <tropism/data/row_stream.hpp>
#include <tropism/data/scaling.hpp>
#include <tropism/network/preconditioning.hpp>
#include <tropism/training/context_summary.hpp>

namespace tropism::io {
class Hdf5File;
}

namespace tropism::training {

/// Numbers of the rows that are taken at a time to summarise them, 64 bytes for each.
inline constexpr std::int64_t numbers_summarised_at_once = 262144;

/// What a model must remember of its data to be sampled from without them.
struct DataSummary {
  std::int64_t rows = 0;                   // of the whole set
  std::vector<std::int64_t> shape;         // of one row
  data::Scaling scaling;                   // samples are undone by it
  network::Moments moments;                // of the scaled rows
  std::vector<std::int64_t> label_values;  // rising; empty without labels
  std::vector<std::int64_t> label_counts;  // rows of each
  std::optional<ContextSummary> contexts;  // none without continuous contexts

  [[nodiscard]] std::int64_t dimension() const { return moments.mean.size(0); }
  void write(io::Hdf5File& file) const;  // to /data
  [[nodiscard]] static DataSummary read(const io::Hdf5File& file);
};

/// Collective. The summary of the set that `part` is this rank's part of: whole if `replicated`.
/// The same bits on any number of ranks (sums are formed in fixed point).
/// @throws IoError   if all rows are the same point: there is nothing to learn
[[nodiscard]] DataSummary summarise(const comm::Communicator& comm, const data::Dataset& part,
                                    bool replicated);

/// Collective. The same, to the last bit, of a set whose rows are dealt out to the ranks and read
/// block by block: in four passes, and one more each for labels and for contexts, which are held (4
/// C bytes a row) until they are summarised.
/// @throws IoError   also what reading a block meets on any rank, on all
[[nodiscard]] DataSummary summarise(const comm::Communicator& comm, const data::RowStream& rows);

}  // namespace tropism::training
