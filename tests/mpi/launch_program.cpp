// SPDX-License-Identifier: MIT
// Started by launch_cases.cmake: `launch_program CASE`.
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

#include <tropism/comm/launch.hpp>

namespace {

using tropism::base::ExitStatus;
using tropism::comm::Communicator;

/// One rank throws; the others wait for it in a collective.
ExitStatus fail_on(int rank, const Communicator& comm) {
  if (comm.rank() == rank) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    throw tropism::base::IoError("The shard b.h5 is torn.");
  }
  comm.barrier();
  return ExitStatus::done;
}

ExitStatus run(const std::string& name, const Communicator& comm) {
  if (name == "rank_2_fails") return fail_on(2, comm);
  if (name == "all_fail") throw tropism::base::ConfigError("The key run.batch is unknown.");
  if (name == "foreign_exception") throw std::runtime_error("first line\nstack trace");
  if (name == "stopped") return ExitStatus::stopped;
  if (comm.is_root()) std::cout << "ranks " << comm.size() << "\n";
  return ExitStatus::done;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string name = argc > 1 ? argv[1] : "";
  return tropism::comm::launch(argc, argv,
                               [&](const Communicator& comm) { return run(name, comm); });
}
