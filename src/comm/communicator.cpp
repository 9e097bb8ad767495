// SPDX-License-Identifier: MIT
#include <tropism/comm/communicator.hpp>

#include <chrono>
#include <limits>
#include <thread>
#include <utility>

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

/// Owns what `make(&mpi_comm)` makes.
struct Communicator::Handle {
  template <class Make>
  Handle(Make&& make, const char* what_was_tried) {
    check_mpi(make(&mpi_comm), what_was_tried);
    check_mpi(MPI_Comm_set_errhandler(mpi_comm, MPI_ERRORS_RETURN), "set the error handler");
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

Communicator Communicator::owning(std::unique_ptr<Handle> handle) const {
  Communicator group;
  group.message_limit_ = message_limit_;
  check_mpi(MPI_Comm_rank(handle->mpi_comm, &group.rank_), "tell the rank");
  check_mpi(MPI_Comm_size(handle->mpi_comm, &group.size_), "tell the number of ranks");
  group.handle_ = std::move(handle);
  return group;
}

Communicator Communicator::duplicate_of(const void* mpi_comm) {
  base::expects(mpi_comm != nullptr, "an MPI communicator");
  const auto make = [&](MPI_Comm* made) {
    return MPI_Comm_dup(*static_cast<const MPI_Comm*>(mpi_comm), made);
  };
  return alone().owning(std::make_unique<Handle>(make, "duplicate a communicator"));
}

Communicator Communicator::duplicate() const {
  Communicator copy = handle_ ? duplicate_of(native()) : alone();
  copy.message_limit_ = message_limit_;
  return copy;
}

Communicator Communicator::split(int group) const {
  base::expects(group >= 0, "the number of a group");
  if (!handle_) return duplicate();
  const auto make = [&](MPI_Comm* made) {
    return MPI_Comm_split(handle_->mpi_comm, group, rank_, made);
  };
  return owning(std::make_unique<Handle>(make, "split a communicator"));
}

Communicator Communicator::split_by_host() const {
  if (!handle_) return duplicate();
  const auto make = [&](MPI_Comm* made) {
    return MPI_Comm_split_type(handle_->mpi_comm, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, made);
  };
  return owning(std::make_unique<Handle>(make, "split a communicator by hosts"));
}

void Communicator::barrier() const {
  if (size_ > 1) check_mpi(MPI_Barrier(handle_->mpi_comm), "wait for all ranks");
}

void Communicator::barrier_asleep() const {
  if (size_ == 1) return;
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Ibarrier(handle_->mpi_comm, &request), "begin to wait for all ranks");
  int done = 0;
  while (check_mpi(MPI_Test(&request, &done, MPI_STATUS_IGNORE), "wait for all ranks"), done == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void Communicator::limit_messages_to(std::int64_t elements) {
  base::expects(elements >= 1 && elements <= largest_count, "a message limit in [1, 2^31 - 1]");
  message_limit_ = elements;
}

const void* Communicator::native() const {
  return handle_ ? &handle_->mpi_comm : nullptr;
}

}  // namespace tropism::comm
