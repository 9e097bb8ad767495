// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>

namespace tropism::comm {

/// A group of ranks with a message space of its own: a duplicate of an MPI communicator that
/// returns errors, which become exceptions. Move-only. All collectives of this module do nothing on
/// a group of one, so code that takes a Communicator also runs without MPI.
class Communicator {
 public:
  /// A group of one that needs no MPI: for verbs without ranks and for unit tests.
  static Communicator alone();

  /// Collective. @param mpi_comm  points to an `MPI_Comm`, which this header cannot name
  static Communicator duplicate_of(const void* mpi_comm);

  Communicator(Communicator&&) noexcept;
  Communicator& operator=(Communicator&&) noexcept;
  ~Communicator();  // frees the duplicate, unless MPI has been finalised already

  /// Collective. The same ranks with another message space.
  [[nodiscard]] Communicator duplicate() const;

  /// Collective. One group for each number that ranks bring: its ranks, in their order here, with
  /// a message space of their own and the same message limit.
  /// @param group   >= 0
  [[nodiscard]] Communicator split(int group) const;

  /// Collective. As `split`, where ranks that share memory, those of one host, bring the same
  /// number.
  [[nodiscard]] Communicator split_by_host() const;

  /// Collective.
  void barrier() const;
  /// Collective. As `barrier`, for waits of seconds: ranks sleep and leave the processor to those
  /// that work. They wake up to a millisecond late.
  void barrier_asleep() const;

  /// MPI-3 counts elements with an int: longer buffers travel in pieces of at most this many
  /// elements, in [1, 2^31 - 1]. Must be the same on all ranks; tests set it small.
  void limit_messages_to(std::int64_t elements);

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] bool is_root() const { return rank_ == 0; }
  [[nodiscard]] std::int64_t message_limit() const { return message_limit_; }

  /// Points to the `MPI_Comm`; null for a group made by `alone`.
  [[nodiscard]] const void* native() const;

 private:
  struct Handle;
  Communicator();
  [[nodiscard]] Communicator owning(std::unique_ptr<Handle> handle) const;

  std::unique_ptr<Handle> handle_;
  int rank_ = 0;
  int size_ = 1;
  std::int64_t message_limit_;
};

}  // namespace tropism::comm
