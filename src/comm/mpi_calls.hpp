// SPDX-License-Identifier: MIT
// What the sources of this module share; not a public header, for it knows MPI. It knows
// no tensors: whoever only launches ranks need not load LibTorch.
#pragma once

#include <mpi.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include <tropism/comm/communicator.hpp>

namespace tropism::comm {

/// Turns MPI's error code into a base::Error that says what was tried and MPI's own reason.
void check_mpi(int code, const std::string& what_was_tried);

MPI_Comm native_comm(const Communicator& comm);

/// `count` elements at `data`, of rank `source`, replace those of all ranks.
void broadcast_elements(const Communicator& comm, void* data, std::int64_t count, MPI_Datatype type,
                        int source = 0);

/// The one place that cuts long buffers: calls `send(first, count)` for pieces of [0, total) that
/// MPI can count with an int.
template <class Send>
void for_each_piece(const Communicator& comm, std::int64_t total, Send&& send) {
  for (std::int64_t first = 0; first < total; first += comm.message_limit()) {
    send(first, static_cast<int>(std::min(comm.message_limit(), total - first)));
  }
}

}  // namespace tropism::comm
