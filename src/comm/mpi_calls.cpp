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

MPI_Datatype mpi_type(torch::ScalarType dtype) {
  switch (dtype) {
    case torch::kFloat32:
      return MPI_FLOAT;
    case torch::kFloat64:
      return MPI_DOUBLE;
    case torch::kInt64:
      return MPI_INT64_T;
    case torch::kInt32:
      return MPI_INT32_T;
    default:
      throw base::ContractError(
          std::string("Ranks exchange float32, float64, int64 and int32, not ") +
          torch::toString(dtype) + ": convert the tensor first.");
  }
}

void expect_sendable(const torch::Tensor& values) {
  base::expects(values.defined() && values.device().is_cpu(), "a tensor on the CPU");
  base::expects(values.is_contiguous(), "a contiguous tensor");
  mpi_type(values.scalar_type());
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
