// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <vector>

#include <tropism/comm/communicator.hpp>

/// Collectives that are begun, so that a rank can compute while rows travel, and ended later. All
/// ranks begin them in the same order, each with the same number of rows per rank.
namespace tropism::comm {

/// Rows under way. Ended by `wait` or, if that was not called, by the destructor.
class PendingRows {
 public:
  PendingRows(PendingRows&&) noexcept;
  PendingRows& operator=(PendingRows&&) noexcept;
  ~PendingRows();

  /// Lets MPI go on with it; a rank that computes long calls this now and then.
  void nudge();
  /// The rows, once they are there. At most once.
  [[nodiscard]] torch::Tensor wait();

 private:
  friend PendingRows begin_gather(const Communicator&, const torch::Tensor&,
                                  const std::vector<std::int64_t>&);
  friend PendingRows begin_merge(const Communicator&, const torch::Tensor&,
                                 const std::vector<std::int64_t>&);
  struct Transfer;
  explicit PendingRows(std::unique_ptr<Transfer> transfer);

  std::unique_ptr<Transfer> transfer_;
};

/// Collective. Begins to send the rows of every rank to all: `wait` gives them in rank order.
/// @param rows     [counts[rank], C], float32 or float64
/// @param counts   rows of each rank
[[nodiscard]] PendingRows begin_gather(const Communicator& comm, const torch::Tensor& rows,
                                       const std::vector<std::int64_t>& counts);

/// Collective. Begins to merge running sums over ranks: `wait` gives each rank the rows that are
/// its own, merged. A row [L, q, s_1, ..] holds a logarithm L and sums referred to it: q e^{2L},
/// s_k e^L are what adds up. L = -infinity stands for no sums yet.
/// @param rows     float64 [sum of counts, C], C >= 2: what this rank has of the rows of all
/// @param counts   rows that each rank owns, in rank order
[[nodiscard]] PendingRows begin_merge(const Communicator& comm, const torch::Tensor& rows,
                                      const std::vector<std::int64_t>& counts);

}  // namespace tropism::comm
