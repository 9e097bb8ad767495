// SPDX-License-Identifier: MIT
#include "mpi_calls.hpp"

#include <tropism/base/error.hpp>

namespace tropism::comm {

void check_mpi(int code, const std::string& what_was_tried) {
  if (code == MPI_SUCCESS) return;
  char reason[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, reason, &length);
  throw base::Error("MPI failed to " + what_was_tried + ": " + reason + ".",
                    base::ExitStatus::our_fault);
}

MPI_Comm native_comm(const Communicator& comm) {
  base::expects(comm.native() != nullptr, "a communicator that MPI knows");
  return *static_cast<const MPI_Comm*>(comm.native());
}

void broadcast_elements(const Communicator& comm, void* data, std::int64_t count, MPI_Datatype type,
                        int source) {
  int element_size = 0;
  check_mpi(MPI_Type_size(type, &element_size), "measure a type");
  for_each_piece(comm, count, [&](std::int64_t first, int piece) {
    auto* begin = static_cast<char*>(data) + first * element_size;
    check_mpi(MPI_Bcast(begin, piece, type, source, native_comm(comm)), "broadcast");
  });
}

}  // namespace tropism::comm
