// SPDX-License-Identifier: MIT
#include <tropism/comm/agreement.hpp>

#include <string>

#include <tropism/comm/collectives.hpp>

#include "mpi_calls.hpp"

namespace tropism::comm {
namespace {

/// The lowest rank that failed; the number of ranks if none did.
int lowest_failing_rank(const Communicator& comm, bool failed) {
  int lowest = failed ? comm.rank() : comm.size();
  check_mpi(MPI_Allreduce(MPI_IN_PLACE, &lowest, 1, MPI_INT, MPI_MIN, native_comm(comm)), "agree");
  return lowest;
}

void broadcast_from(const Communicator& comm, int source, std::string& text) {
  auto length = static_cast<std::int64_t>(text.size());
  broadcast_elements(comm, &length, 1, MPI_INT64_T, source);
  text.resize(static_cast<std::size_t>(length));
  broadcast_elements(comm, text.data(), length, MPI_CHAR, source);
}

[[noreturn]] void throw_by_status(const std::string& message, base::ExitStatus status) {
  switch (status) {
    case base::ExitStatus::our_fault:
      throw base::ContractError(message);
    case base::ExitStatus::usage:
      throw base::ConfigError(message);
    case base::ExitStatus::data:
      throw base::IoError(message);
    case base::ExitStatus::numerical_failure:
      throw base::NumericalError(message);
    default:
      throw base::Error(message, status);
  }
}

[[noreturn]] void throw_failure_of(const Communicator& comm, int source,
                                   const std::optional<base::Error>& mine) {
  const bool is_source = source == comm.rank();
  std::string message = is_source ? mine->what() : "";
  int status = is_source ? static_cast<int>(mine->status()) : 0;
  broadcast_from(comm, source, message);
  broadcast_elements(comm, &status, 1, MPI_INT, source);
  throw_by_status("rank " + std::to_string(source) + ": " + message, base::ExitStatus{status});
}

}  // namespace

void throw_together(const Communicator& comm, const std::optional<base::Error>& failure) {
  if (comm.size() == 1) {
    if (failure) throw_by_status(failure->what(), failure->status());
    return;
  }
  const int source = lowest_failing_rank(comm, failure.has_value());
  if (source < comm.size()) throw_failure_of(comm, source, failure);
}

}  // namespace tropism::comm
