// SPDX-License-Identifier: MIT
#include <cstring>
#include <functional>
#include <numeric>
#include <vector>

#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>

#include "mpi_calls.hpp"
#include "sendable.hpp"

namespace tropism::comm {
namespace {

/// How many rows each rank has; each of `row_length` elements.
struct Layout {
  std::vector<std::int64_t> rows;
  std::int64_t row_length;

  [[nodiscard]] std::int64_t total_rows() const {
    return std::accumulate(rows.begin(), rows.end(), std::int64_t{0});
  }
  [[nodiscard]] std::int64_t elements(int rank) const {
    return rows[static_cast<std::size_t>(rank)] * row_length;
  }
};

/// A number for what must be equal on all ranks: the dtype and all of the shape but the number of
/// rows.
std::int64_t kind_of_rows(const torch::Tensor& rows) {
  auto kind = static_cast<std::uint64_t>(rows.scalar_type());
  for (const std::int64_t size : rows.sizes().slice(1)) {
    kind = kind * 1000003U + static_cast<std::uint64_t>(size) + 1U;
  }
  return static_cast<std::int64_t>(kind);
}

void expect_one_kind(const std::vector<std::int64_t>& rows_and_kinds) {
  for (std::size_t i = 1; i < rows_and_kinds.size(); i += 2) {
    base::expects(rows_and_kinds[i] == rows_and_kinds[1],
                  "rows of the same dtype and shape on rank 0 and rank " + std::to_string(i / 2));
  }
}

Layout agree_on_layout(const Communicator& comm, const torch::Tensor& rows) {
  expect_sendable(rows);
  base::expects(rows.dim() >= 1, "rows, not a number");
  const std::int64_t mine[2] = {rows.size(0), kind_of_rows(rows)};
  std::vector<std::int64_t> all(static_cast<std::size_t>(2 * comm.size()));
  check_mpi(MPI_Allgather(mine, 2, MPI_INT64_T, all.data(), 2, MPI_INT64_T, native_comm(comm)),
            "gather the numbers of rows");
  expect_one_kind(all);
  const auto sizes = rows.sizes().slice(1);
  Layout layout{{},
                std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>())};
  for (std::size_t i = 0; i < all.size(); i += 2) layout.rows.push_back(all[i]);
  return layout;
}

torch::Tensor empty_rows(const torch::Tensor& like, std::int64_t count) {
  auto sizes = like.sizes().vec();
  sizes[0] = count;
  return torch::empty(sizes, like.options().requires_grad(false));
}

/// MPI's own counts and offsets, where all of it fits into one message.
struct Blocks {
  std::vector<int> counts;
  std::vector<int> offsets;
};

Blocks blocks_of(const Layout& layout) {
  Blocks blocks;
  std::int64_t offset = 0;
  for (const std::int64_t rows : layout.rows) {
    blocks.counts.push_back(static_cast<int>(rows * layout.row_length));
    blocks.offsets.push_back(static_cast<int>(offset));
    offset += rows * layout.row_length;
  }
  return blocks;
}

bool fits_one_message(const Communicator& comm, const Layout& layout) {
  return layout.total_rows() * layout.row_length <= comm.message_limit();
}

/// Calls `visit(rank, begin)` for the place of each rank's block in `all`.
template <class Visit>
void for_each_block(const Layout& layout, const torch::Tensor& all, Visit&& visit) {
  auto* begin = static_cast<char*>(all.data_ptr());
  for (int rank = 0; rank < static_cast<int>(layout.rows.size()); ++rank) {
    visit(rank, begin);
    begin += layout.elements(rank) * all.element_size();
  }
}

void gather_at_once(const Communicator& comm, const torch::Tensor& rows, const Layout& layout,
                    torch::Tensor& all) {
  const Blocks blocks = blocks_of(layout);
  const MPI_Datatype type = mpi_type(rows.scalar_type());
  check_mpi(MPI_Allgatherv(rows.data_ptr(), static_cast<int>(rows.numel()), type, all.data_ptr(),
                           blocks.counts.data(), blocks.offsets.data(), type, native_comm(comm)),
            "gather rows on all ranks");
}

void gather_by_broadcasts(const Communicator& comm, const torch::Tensor& rows, const Layout& layout,
                          torch::Tensor& all) {
  for_each_block(layout, all, [&](int rank, char* begin) {
    if (rank == comm.rank() && rows.numel() > 0) std::memcpy(begin, rows.data_ptr(), rows.nbytes());
    broadcast_elements(comm, begin, layout.elements(rank), mpi_type(rows.scalar_type()), rank);
  });
}

/// The number of rows first, which the receiver cannot know.
void send_rows(const Communicator& comm, const torch::Tensor& rows, int target) {
  std::int64_t count = rows.size(0);
  check_mpi(MPI_Send(&count, 1, MPI_INT64_T, target, 0, native_comm(comm)), "send a row count");
  const auto* data = static_cast<const char*>(rows.data_ptr());
  for_each_piece(comm, rows.numel(), [&](std::int64_t first, int piece) {
    check_mpi(MPI_Send(data + first * rows.element_size(), piece, mpi_type(rows.scalar_type()),
                       target, 0, native_comm(comm)),
              "send rows to rank " + std::to_string(target));
  });
}

torch::Tensor receive_rows(const Communicator& comm, const torch::Tensor& like, int source) {
  std::int64_t count = 0;
  check_mpi(MPI_Recv(&count, 1, MPI_INT64_T, source, 0, native_comm(comm), MPI_STATUS_IGNORE),
            "receive a row count");
  auto rows = empty_rows(like, count);
  auto* data = static_cast<char*>(rows.data_ptr());
  for_each_piece(comm, rows.numel(), [&](std::int64_t first, int piece) {
    check_mpi(MPI_Recv(data + first * rows.element_size(), piece, mpi_type(rows.scalar_type()),
                       source, 0, native_comm(comm), MPI_STATUS_IGNORE),
              "receive rows from rank " + std::to_string(source));
  });
  return rows;
}

/// A binomial tree: with reach = 1, 2, 4, ..., rank r holds the rows of [r, r + reach) and either
/// hands them to r - reach or appends those of r + reach. MPI_Gatherv would have rank 0 receive
/// from every other rank in turn.
torch::Tensor gather_along_tree(const Communicator& comm, const torch::Tensor& own) {
  std::vector<torch::Tensor> blocks = {own};
  for (int reach = 1; reach < comm.size(); reach *= 2) {
    if ((comm.rank() & reach) != 0) {
      send_rows(comm, torch::cat(blocks), comm.rank() - reach);
      return {};
    }
    if (comm.rank() + reach < comm.size())
      blocks.push_back(receive_rows(comm, own, comm.rank() + reach));
  }
  return torch::cat(blocks);
}

/// @throws ContractError   on all ranks, unless all have rows of the same dtype and shape
void agree_on_kind(const Communicator& comm, const torch::Tensor& rows) {
  expect_sendable(rows);
  base::expects(rows.dim() >= 1, "rows, not a number");
  const auto kind = kind_of_rows(rows);
  auto largest = torch::tensor({kind, ~kind}, torch::kInt64);
  all_reduce_max(comm, largest);
  base::expects(largest[0].item<std::int64_t>() == ~largest[1].item<std::int64_t>(),
                "rows of the same dtype and shape on all ranks");
}

}  // namespace

torch::Tensor all_gather_rows(const Communicator& comm, const torch::Tensor& rows) {
  if (comm.size() == 1) return rows;
  const Layout layout = agree_on_layout(comm, rows);
  auto all = empty_rows(rows, layout.total_rows());
  if (fits_one_message(comm, layout)) {
    gather_at_once(comm, rows, layout, all);
  } else {
    gather_by_broadcasts(comm, rows, layout, all);
  }
  return all;
}

torch::Tensor gather_rows_on_root(const Communicator& comm, const torch::Tensor& rows) {
  if (comm.size() == 1) return rows;
  agree_on_kind(comm, rows);
  return gather_along_tree(comm, rows);
}

}  // namespace tropism::comm
