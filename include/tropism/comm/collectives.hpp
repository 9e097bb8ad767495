// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

#include <tropism/comm/communicator.hpp>

/// What all ranks do together. Tensors are contiguous, on the CPU, of float32, float64, int64 or
/// int32; else ContractError. Shapes and dtypes must agree on all ranks except where said
/// otherwise. On a group of one nothing is sent and nothing changes. A failure of MPI is a
/// base::Error.
namespace tropism::comm {

/// Collective. Element by element, in place. Sums of floating-point numbers depend on the number of
/// ranks in their last bits; sums of integers do not.
void all_reduce_sum(const Communicator& comm, torch::Tensor& values);

/// Collective. Element by element, in place. Not for NaN: MPI leaves their maximum open.
void all_reduce_max(const Communicator& comm, torch::Tensor& values);

/// Whether ranks sum this many bytes in parts, each rank one, that are then put together: all ranks
/// send and add 2 (1 - 1/ranks) times the bytes. A tree that ends at rank 0 passes on the whole
/// log2(ranks) times, one after the other.
[[nodiscard]] constexpr bool sums_in_parts(int ranks, std::int64_t bytes) {
  return ranks >= 8 && bytes >= 256 * 1024;  // where Open MPI and MPICH all-reduce in parts
}

/// Collective. The sum replaces the values of rank 0; other ranks keep theirs.
void reduce_sum_on_root(const Communicator& comm, torch::Tensor& values);

/// Collective. The values of rank 0 replace those of all ranks.
void broadcast(const Communicator& comm, torch::Tensor& values);

/// Collective. The text of rank 0, of any length and with any bytes, replaces that of all ranks.
void broadcast(const Communicator& comm, std::string& text);

/// Collective. All rows in rank order. The number of rows may differ between ranks and may be zero.
/// @param rows  [N_rank, ...]; the rest of the shape and the dtype are the same on all ranks
/// @return      [sum of N_rank, ...]
/// @throws ContractError  on all ranks, if the kinds of rows disagree
[[nodiscard]] torch::Tensor all_gather_rows(const Communicator& comm, const torch::Tensor& rows);

/// Collective. As all_gather_rows, on rank 0 alone; an undefined tensor elsewhere. Along a tree:
/// rank 0 receives log2(ranks) messages, and rows on their way fill memory of other ranks as well.
[[nodiscard]] torch::Tensor gather_rows_on_root(const Communicator& comm,
                                                const torch::Tensor& rows);

/// Collective. Whether all ranks say yes.
[[nodiscard]] bool all_agree(const Communicator& comm, bool yes);

/// Collective. Whether dtype, shape and every bit agree on all ranks (NaN equals itself, -0 is not
/// 0). For assertions: it sends the whole tensor. Any dtype; need not be contiguous.
[[nodiscard]] bool same_on_all_ranks(const Communicator& comm, const torch::Tensor& values);

}  // namespace tropism::comm
