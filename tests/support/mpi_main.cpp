// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_RUNNER
#include <unistd.h>

#include <iostream>
#include <sstream>

#include <tropism/base/memory.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/comm/launch.hpp>

#include "support/catch.hpp"
#include "support/world.hpp"

namespace tropism::test {
namespace {

const comm::Communicator* world_of_this_process = nullptr;

/// What is written to standard output while this object lives.
class CapturedOutput {
 public:
  CapturedOutput() : original_(std::cout.rdbuf(text_.rdbuf())) {}
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;
  ~CapturedOutput() { std::cout.rdbuf(original_); }
  [[nodiscard]] std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::streambuf* original_;
};

struct Outcome {
  int failures;
  std::string output;
};

Outcome run_tests(int argc, char** argv) {
  Catch::Session session;
  const CapturedOutput captured;
  const int usage = session.applyCommandLine(argc, argv);
  if (usage != 0) return {usage, captured.text()};
  session.configData().abortAfter = 1;  // later cases would meet the other ranks at the wrong place
  const int failures = session.run();
  return {failures, captured.text()};
}

void report(const comm::Communicator& comm, const Outcome& outcome) {
  if (outcome.failures == 0 && !comm.is_root()) return;
  std::ostringstream block;  // one write, so that the ranks' lines do not mix
  block << "rank " << comm.rank() << " of " << comm.size() << ":\n" << outcome.output;
  std::cout << block.str() << std::flush;
}

/// The worst of all ranks. A rank that failed may have left the others in a collective of the test:
/// SIGALRM then ends it, and with it the job, after its report.
int worst_of_all_ranks(const comm::Communicator& comm, int failures) {
  constexpr unsigned patience_seconds = 5;
  auto worst = torch::full({1}, failures, torch::kInt32);
  if (failures != 0) alarm(patience_seconds);
  comm::all_reduce_max(comm, worst);
  alarm(0);
  return worst.item<int>();
}

}  // namespace

const comm::Communicator& world() {
  base::expects(world_of_this_process != nullptr, "a test registered with RANKS");
  return *world_of_this_process;
}

base::ExitStatus run_on_all_ranks(int argc, char** argv, const comm::Communicator& comm) {
  const auto tests_only = comm.duplicate();
  world_of_this_process = &tests_only;
  const Outcome outcome = run_tests(argc, argv);
  report(comm, outcome);
  const int worst = worst_of_all_ranks(comm, outcome.failures);
  return worst == 0 ? base::ExitStatus::done : base::ExitStatus::our_fault;
}

}  // namespace tropism::test

int main(int argc, char** argv) {
  tropism::base::keep_freed_memory();
  return tropism::comm::launch(argc, argv, [&](const tropism::comm::Communicator& comm) {
    return tropism::test::run_on_all_ranks(argc, argv, comm);
  });
}
