// SPDX-License-Identifier: MIT
#include <tropism/comm/launch.hpp>

#include <array>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "launcher_check.hpp"
#include "mpi_calls.hpp"

namespace tropism::comm {
namespace {

struct Failure {
  std::string message;
  base::ExitStatus status;
};

/// LibTorch appends a stack trace to its messages.
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// The exception being handled.
Failure current_failure() {
  try {
    throw;
  } catch (const base::Error& error) {
    return {error.what(), error.status()};
  } catch (const std::bad_alloc&) {
    return {
        "The memory of this machine is exhausted: use a smaller batch, fewer data rows or fewer "
        "ranks.",
        base::ExitStatus::our_fault};
  } catch (const std::exception& error) {
    return {first_line(error.what()), base::ExitStatus::our_fault};
  } catch (...) {
    return {"An exception of unknown type was thrown.", base::ExitStatus::our_fault};
  }
}

/// An error that `together` agreed upon names its rank already.
std::string speaker(const Communicator& comm, const std::string& message) {
  if (comm.size() == 1 || message.starts_with("rank ")) return "tropism: ";
  return "tropism: rank " + std::to_string(comm.rank()) + " of " + std::to_string(comm.size()) +
         ": ";
}

void print(const Communicator& comm, const std::string& message) {
  std::cerr << speaker(comm, message) + message + "\n" << std::flush;
}

/// Where all ranks fail alike, the first to abort silences the others: rank 0 gets a head start.
void let_root_speak_first(const Communicator& comm) {
  if (!comm.is_root()) std::this_thread::sleep_for(std::chrono::milliseconds(200));
}

int end_after_failure(const Communicator& comm, const Failure& failure) {
  const int status = static_cast<int>(failure.status);
  let_root_speak_first(comm);
  print(comm, failure.message);
  if (comm.size() > 1) MPI_Abort(native_comm(comm), status);
  return status;
}

int run_guarded(const Communicator& comm,
                const std::function<base::ExitStatus(const Communicator&)>& job) {
  try {
    return static_cast<int>(job(comm));
  } catch (...) {
    return end_after_failure(comm, current_failure());
  }
}

/// A process that was started alone needs neither a daemon nor a network: 0.35 s of MPI_Init. The
/// user's own settings stand, and programs that this one starts see nothing of ours.
class Solitude {
 public:
  Solitude() {
    if (under_launcher()) return;
    for (const auto& [name, value] : settings)
      if (!std::getenv(name) && setenv(name, value, 0) == 0) ours_.push_back(name);
  }
  ~Solitude() {
    for (const char* name : ours_) unsetenv(name);
  }
  Solitude(const Solitude&) = delete;
  Solitude& operator=(const Solitude&) = delete;

 private:
  static constexpr std::array<std::pair<const char*, const char*>, 4> settings{
      {{"OMPI_MCA_ess_singleton_isolated", "1"},
       {"OMPI_MCA_orte_create_session_dirs", "0"},
       {"OMPI_MCA_pml", "ob1"},
       {"OMPI_MCA_btl", "self"}}};
  std::vector<const char*> ours_;
};

int initialise(int& argc, char**& argv) {
  const Solitude solitude;
  int provided = 0;
  return MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
}

int run_in_world(const std::function<base::ExitStatus(const Communicator&)>& job) {
  const MPI_Comm world = MPI_COMM_WORLD;
  return run_guarded(Communicator::duplicate_of(&world), [&](const Communicator& comm) {
    refuse_separate_tasks(comm.size());
    return job(comm);
  });
}

}  // namespace

int launch(int& argc, char**& argv,
           const std::function<base::ExitStatus(const Communicator&)>& job) {
  if (initialise(argc, argv) != MPI_SUCCESS) {
    std::cerr << "tropism: MPI could not be initialised; see its own message above.\n";
    return static_cast<int>(base::ExitStatus::our_fault);
  }
  const int status = run_in_world(job);
  MPI_Finalize();
  return status;
}

int launch_alone(const std::function<base::ExitStatus(const Communicator&)>& job) {
  return run_guarded(Communicator::alone(), job);
}

std::string mpi_version() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = {};
  int length = 0;
  check_mpi(MPI_Get_library_version(text, &length), "tell its version");
  return first_line(text).substr(0, first_line(text).find(','));
}

}  // namespace tropism::comm
