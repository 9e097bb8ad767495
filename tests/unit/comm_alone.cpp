// SPDX-License-Identifier: MIT
// A group of one needs no MPI: this executable never initialises it.
#include <string>

#include <tropism/comm/agreement.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/comm/launch.hpp>

#include "support/catch.hpp"

using namespace tropism;

TEST_CASE("A group of one is its own root") {
  const auto comm = comm::Communicator::alone();

  CHECK(comm.is_root());
  CHECK(comm.size() == 1);
  CHECK(comm.native() == nullptr);
  CHECK_NOTHROW(comm.barrier());
  CHECK(comm.duplicate().size() == 1);
}

TEST_CASE("Collectives of one leave tensors as they are") {
  const auto comm = comm::Communicator::alone();
  auto values = torch::arange(4, torch::kFloat32);
  std::string text = "as it was";

  comm::all_reduce_sum(comm, values);
  comm::all_reduce_max(comm, values);
  comm::reduce_sum_on_root(comm, values);
  comm::broadcast(comm, values);
  comm::broadcast(comm, text);

  CHECK(torch::equal(values, torch::arange(4, torch::kFloat32)));
  CHECK(torch::equal(comm::all_gather_rows(comm, values), values));
  CHECK(torch::equal(comm::gather_rows_on_root(comm, values), values));
  CHECK(text == "as it was");
  CHECK(comm::same_on_all_ranks(comm, values));
  CHECK_FALSE(comm::all_agree(comm, false));
}

TEST_CASE("An error of a group of one keeps its type and message") {
  const auto comm = comm::Communicator::alone();
  const auto fail = [] { throw base::IoError("The file a.h5 is missing."); };

  CHECK_THROWS_AS(comm::together(comm, fail), base::IoError);
  CHECK_THROWS_WITH(comm::together(comm, fail), "The file a.h5 is missing.");
}

TEST_CASE("What an action returns comes back, also if it cannot be copied") {
  const auto comm = comm::Communicator::alone();

  const auto pointer = comm::together(comm, [] { return std::make_unique<int>(5); });

  CHECK(*pointer == 5);
}

TEST_CASE("Tensors that cannot be sent are refused even where nothing is sent") {
  const auto comm = comm::Communicator::alone();
  auto strided = torch::zeros({3, 4}).t();
  auto half = torch::zeros({3}, torch::kFloat16);

  CHECK_THROWS_AS(comm::all_reduce_sum(comm, strided), base::ContractError);
  CHECK_THROWS_AS(comm::broadcast(comm, half), base::ContractError);
}

TEST_CASE("The MPI library names itself without being initialised") {
  CHECK(comm::mpi_version().size() > 3);
}
