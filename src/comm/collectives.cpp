// SPDX-License-Identifier: MIT
#include <tropism/comm/collectives.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include <tropism/base/error.hpp>

#include "mpi_calls.hpp"
#include "sendable.hpp"

namespace tropism::comm {
namespace {

char* bytes_of(const torch::Tensor& values) {
  return static_cast<char*>(values.data_ptr());
}

void all_reduce(const Communicator& comm, torch::Tensor& values, MPI_Op operation) {
  expect_sendable(values);
  if (comm.size() == 1) return;
  const MPI_Datatype type = mpi_type(values.scalar_type());
  const std::int64_t element_size = values.element_size();
  for_each_piece(comm, values.numel(), [&](std::int64_t first, int count) {
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, bytes_of(values) + first * element_size, count, type,
                            operation, native_comm(comm)),
              "reduce on all ranks");
  });
}

/// Dtype, number of dimensions, and a shape of up to 14 dimensions, padded with zeros.
std::array<std::int64_t, 16> description(const torch::Tensor& values) {
  base::expects(values.defined() && values.dim() <= 14,
                "a defined tensor of 14 dimensions at most");
  std::array<std::int64_t, 16> words = {static_cast<std::int64_t>(values.scalar_type()),
                                        values.dim()};
  std::copy(values.sizes().begin(), values.sizes().end(), words.begin() + 2);
  return words;
}

/// Whether `size` bytes, the same number on all ranks, are those of rank 0.
bool same_bytes(const Communicator& comm, const void* mine, std::size_t size) {
  std::string of_root(static_cast<const char*>(mine), size);
  broadcast_elements(comm, of_root.data(), static_cast<std::int64_t>(size), MPI_BYTE);
  return all_agree(comm, std::memcmp(of_root.data(), mine, size) == 0);
}

}  // namespace

void all_reduce_sum(const Communicator& comm, torch::Tensor& values) {
  all_reduce(comm, values, MPI_SUM);
}

void all_reduce_max(const Communicator& comm, torch::Tensor& values) {
  all_reduce(comm, values, MPI_MAX);
}

void reduce_sum_on_root(const Communicator& comm, torch::Tensor& values) {
  expect_sendable(values);
  if (comm.size() == 1) return;
  if (sums_in_parts(comm.size(), static_cast<std::int64_t>(values.nbytes()))) {
    // MPI_Reduce of Open MPI is a binomial tree of whole messages at any length.
    auto sum = comm.is_root() ? values : values.clone();
    return all_reduce_sum(comm, sum);
  }
  const MPI_Datatype type = mpi_type(values.scalar_type());
  const std::int64_t element_size = values.element_size();
  for_each_piece(comm, values.numel(), [&](std::int64_t first, int count) {
    void* piece = bytes_of(values) + first * element_size;
    const void* source = comm.is_root() ? MPI_IN_PLACE : piece;
    check_mpi(MPI_Reduce(source, piece, count, type, MPI_SUM, 0, native_comm(comm)),
              "reduce on rank 0");
  });
}

void broadcast(const Communicator& comm, torch::Tensor& values) {
  expect_sendable(values);
  if (comm.size() == 1) return;
  broadcast_elements(comm, values.data_ptr(), values.numel(), mpi_type(values.scalar_type()));
}

void broadcast(const Communicator& comm, std::string& text) {
  if (comm.size() == 1) return;
  auto length = static_cast<std::int64_t>(text.size());
  broadcast_elements(comm, &length, 1, MPI_INT64_T);
  text.resize(static_cast<std::size_t>(length));
  broadcast_elements(comm, text.data(), length, MPI_CHAR);
}

bool all_agree(const Communicator& comm, bool yes) {
  if (comm.size() == 1) return yes;
  int agreed = yes ? 1 : 0;
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &agreed, 1, MPI_INT, MPI_MIN, native_comm(comm)), "agree");
  return agreed == 1;
}

bool same_on_all_ranks(const Communicator& comm, const torch::Tensor& values) {
  if (comm.size() == 1) return true;
  const auto mine = description(values);
  if (!same_bytes(comm, mine.data(), sizeof(mine))) return false;
  const auto packed = values.detach().cpu().contiguous();
  return same_bytes(comm, packed.data_ptr(), packed.nbytes());
}

}  // namespace tropism::comm
