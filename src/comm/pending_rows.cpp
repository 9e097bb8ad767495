// SPDX-License-Identifier: MIT
#include <tropism/comm/pending_rows.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <numeric>

#include <tropism/base/error.hpp>

#include "mpi_calls.hpp"
#include "sendable.hpp"

namespace tropism::comm {
namespace {

/// Numbers of rows as MPI counts them.
std::vector<int> as_ints(const Communicator& comm, const std::vector<std::int64_t>& counts) {
  base::expects(counts.size() == static_cast<std::size_t>(comm.size()), "one count per rank");
  const auto total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  base::expects(total <= comm.message_limit(), "no more rows than one message holds");
  return {counts.begin(), counts.end()};
}

/// into += from, both referred to the larger of their logarithms.
void merge_row(const double* from, double* into, int columns) {
  const double log_max = std::max(from[0], into[0]);
  const auto scale_of = [&](double log) {
    return std::isinf(log) && log < 0.0 ? 0.0 : std::exp(log - log_max);
  };
  const double of_from = scale_of(from[0]), of_into = scale_of(into[0]);
  into[0] = log_max;
  into[1] = of_into * of_into * into[1] + of_from * of_from * from[1];
  for (int k = 2; k < columns; ++k) into[k] = of_into * into[k] + of_from * from[k];
}

/// MPI_User_function: the datatype is one row.
void merge_rows(void* from, void* into, int* rows, MPI_Datatype* row_type) {
  int bytes = 0;
  MPI_Type_size(*row_type, &bytes);
  const int columns = bytes / static_cast<int>(sizeof(double));
  for (std::int64_t i = 0; i < *rows; ++i)
    merge_row(static_cast<const double*>(from) + i * columns,
              static_cast<double*>(into) + i * columns, columns);
}

}  // namespace

/// One collective under way, and what it must not outlive.
struct PendingRows::Transfer {
  torch::Tensor sent, received;
  std::vector<int> counts, places;
  MPI_Datatype row_type = MPI_DATATYPE_NULL;
  MPI_Op operation = MPI_OP_NULL;
  MPI_Request request = MPI_REQUEST_NULL;

  Transfer(torch::Tensor rows, std::vector<int> rows_of_ranks)
      : sent(std::move(rows)), counts(std::move(rows_of_ranks)), places(counts.size()) {
    std::exclusive_scan(counts.begin(), counts.end(), places.begin(), 0);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  void make_row_type(int columns, MPI_Datatype element) {
    check_mpi(MPI_Type_contiguous(columns, element, &row_type), "describe a row");
    check_mpi(MPI_Type_commit(&row_type), "describe a row");
  }

  ~Transfer() {
    int finalized = 0;
    MPI_Finalized(&finalized);
    if (finalized != 0) return;
    if (request != MPI_REQUEST_NULL) MPI_Wait(&request, MPI_STATUS_IGNORE);
    if (row_type != MPI_DATATYPE_NULL) MPI_Type_free(&row_type);
    if (operation != MPI_OP_NULL) MPI_Op_free(&operation);
  }
};

PendingRows::PendingRows(std::unique_ptr<Transfer> transfer) : transfer_(std::move(transfer)) {}
PendingRows::PendingRows(PendingRows&&) noexcept = default;
PendingRows& PendingRows::operator=(PendingRows&&) noexcept = default;

PendingRows::~PendingRows() {
  // While an exception ends the job, others may never take part: waiting for them would hang.
  if (std::uncaught_exceptions() > 0) static_cast<void>(transfer_.release());
}

void PendingRows::nudge() {
  if (transfer_ == nullptr || transfer_->request == MPI_REQUEST_NULL) return;
  int done = 0;
  check_mpi(MPI_Test(&transfer_->request, &done, MPI_STATUS_IGNORE), "go on with a transfer");
}

torch::Tensor PendingRows::wait() {
  base::expects(transfer_ != nullptr, "a transfer that was not waited for before");
  const auto transfer = std::move(transfer_);
  if (transfer->request != MPI_REQUEST_NULL)
    check_mpi(MPI_Wait(&transfer->request, MPI_STATUS_IGNORE), "end a transfer");
  return transfer->received;
}

PendingRows begin_gather(const Communicator& comm, const torch::Tensor& rows,
                         const std::vector<std::int64_t>& counts) {
  expect_sendable(rows);
  auto transfer = std::make_unique<PendingRows::Transfer>(rows, as_ints(comm, counts));
  transfer->received = rows;
  if (comm.size() == 1) return PendingRows(std::move(transfer));
  const auto total = transfer->places.back() + transfer->counts.back();
  const auto columns = rows.size(1);
  transfer->received = torch::empty({total, columns}, rows.options());
  transfer->make_row_type(static_cast<int>(columns), mpi_type(rows.scalar_type()));
  check_mpi(MPI_Iallgatherv(rows.data_ptr(), static_cast<int>(rows.size(0)), transfer->row_type,
                            transfer->received.data_ptr(), transfer->counts.data(),
                            transfer->places.data(), transfer->row_type, native_comm(comm),
                            &transfer->request),
            "begin to gather rows");
  return PendingRows(std::move(transfer));
}

PendingRows begin_merge(const Communicator& comm, const torch::Tensor& rows,
                        const std::vector<std::int64_t>& counts) {
  expect_sendable(rows);
  base::expects(rows.scalar_type() == torch::kFloat64 && rows.dim() == 2 && rows.size(1) >= 2,
                "float64 rows of at least two numbers");
  auto transfer = std::make_unique<PendingRows::Transfer>(rows, as_ints(comm, counts));
  transfer->received = rows;
  if (comm.size() == 1) return PendingRows(std::move(transfer));
  const auto mine = counts[static_cast<std::size_t>(comm.rank())];
  transfer->received = torch::empty({mine, rows.size(1)}, rows.options());
  transfer->make_row_type(static_cast<int>(rows.size(1)), MPI_DOUBLE);
  check_mpi(MPI_Op_create(&merge_rows, /*commute=*/1, &transfer->operation), "define a reduction");
  check_mpi(MPI_Ireduce_scatter(rows.data_ptr(), transfer->received.data_ptr(),
                                transfer->counts.data(), transfer->row_type, transfer->operation,
                                native_comm(comm), &transfer->request),
            "begin to merge rows");
  return PendingRows(std::move(transfer));
}

}  // namespace tropism::comm
