// SPDX-License-Identifier: MIT
#include <tropism/comm/communicator.hpp>

#include <limits>

#include <tropism/base/error.hpp>

#include "mpi_calls.hpp"

namespace tropism::comm {
namespace {

constexpr std::int64_t largest_count = std::numeric_limits<int>::max();

bool mpi_is_finalized() {
  int finalized = 0;
  return MPI_Finalized(&finalized) == MPI_SUCCESS && finalized != 0;
}

}  // namespace

struct Communicator::Handle {
  explicit Handle(MPI_Comm original) {
    check_mpi(MPI_Comm_dup(original, &mpi_comm), "duplicate a communicator");
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    if (!mpi_is_finalized()) MPI_Comm_free(&mpi_comm);
  }

  MPI_Comm mpi_comm = MPI_COMM_NULL;
};

Communicator::Communicator() : message_limit_(largest_count) {}
Communicator::Communicator(Communicator&&) noexcept = default;
Communicator& Communicator::operator=(Communicator&&) noexcept = default;
Communicator::~Communicator() = default;

Communicator Communicator::alone() {
  return {};
}

Communicator Communicator::duplicate_of(const void* mpi_comm) {
  base::expects(mpi_comm != nullptr, "an MPI communicator");
  Communicator copy;
  copy.handle_ = std::make_unique<Handle>(*static_cast<const MPI_Comm*>(mpi_comm));
  const MPI_Comm own = copy.handle_->mpi_comm;
  check_mpi(MPI_Comm_set_errhandler(own, MPI_ERRORS_RETURN), "set the error handler");
  check_mpi(MPI_Comm_rank(own, &copy.rank_), "tell the rank");
  check_mpi(MPI_Comm_size(own, &copy.size_), "tell the number of ranks");
  return copy;
}

Communicator Communicator::duplicate() const {
  Communicator copy = handle_ ? duplicate_of(native()) : alone();
  copy.message_limit_ = message_limit_;
  return copy;
}

void Communicator::barrier() const {
  if (size_ > 1) check_mpi(MPI_Barrier(handle_->mpi_comm), "wait for all ranks");
}

void Communicator::limit_messages_to(std::int64_t elements) {
  base::expects(elements >= 1 && elements <= largest_count, "a message limit in [1, 2^31 - 1]");
  message_limit_ = elements;
}

const void* Communicator::native() const {
  return handle_ ? &handle_->mpi_comm : nullptr;
}

}  // namespace tropism::comm
