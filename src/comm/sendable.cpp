// SPDX-License-Identifier: MIT
#include "sendable.hpp"

#include <string>

#include <tropism/base/error.hpp>

namespace tropism::comm {

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

}  // namespace tropism::comm
