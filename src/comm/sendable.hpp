// SPDX-License-Identifier: MIT
// Which tensors ranks send each other, and as what.
#pragma once

#include <mpi.h>
#include <torch/types.h>

namespace tropism::comm {

/// MPI's name of a dtype. @throws ContractError  if this module does not send it
MPI_Datatype mpi_type(torch::ScalarType dtype);

/// @throws ContractError  unless contiguous, on the CPU and of a dtype that this module sends
void expect_sendable(const torch::Tensor& values);

}  // namespace tropism::comm
