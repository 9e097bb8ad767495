// SPDX-License-Identifier: MIT
#include "launcher_check.hpp"

#include <cstdlib>
#include <string>

#include <tropism/base/error.hpp>
#include <tropism/comm/launch.hpp>

namespace tropism::comm {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool under_mpirun() {
  return !environment("OMPI_COMM_WORLD_SIZE").empty();
}

/// Tasks of the srun step that this process belongs to. A batch script has SLURM_NTASKS and
/// SLURM_PROCID too, but no SLURM_STEP_NUM_TASKS: a single process in it is as it should be.
int tasks_of_step() {
  const std::string tasks = environment("SLURM_STEP_NUM_TASKS");
  return environment("SLURM_PROCID").empty() ? 0 : std::atoi(tasks.c_str());
}

}  // namespace

bool under_launcher() {
  // Not PMIX_RANK: a process that was started alone has that too, once MPI is initialised.
  return under_mpirun() || tasks_of_step() > 0 || !environment("PMI_SIZE").empty();
}

void refuse_separate_tasks(int mpi_size) {
  const int tasks = tasks_of_step();
  if (mpi_size > 1 || tasks < 2 || under_mpirun()) return;
  throw base::ConfigError(
      "srun started " + std::to_string(tasks) +
      " tasks, but MPI sees one rank in each: they would all do the same work and overwrite each "
      "other's files. Start them with `srun --mpi=pmix tropism ...` (`srun --mpi=list` shows what "
      "this Slurm knows), or by `mpirun tropism ...` within the allocation.");
}

}  // namespace tropism::comm
