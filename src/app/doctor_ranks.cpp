// SPDX-License-Identifier: MIT
#include <torch/types.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "doctor_checks.hpp"
#include "environment.hpp"
#include "versions.hpp"

#include <tropism/comm/collectives.hpp>
#include <tropism/comm/launch.hpp>

namespace tropism::app {
namespace {

std::string launcher() {
  if (!environment("OMPI_COMM_WORLD_SIZE").empty()) {
    return environment("SLURM_JOB_ID").empty()
               ? "mpirun"
               : "mpirun within Slurm job " + environment("SLURM_JOB_ID");
  }
  if (comm::under_launcher())
    return environment("SLURM_JOB_ID").empty() ? "a PMI launcher" : "srun";
  return "no launcher";
}

/// Asked for, or decided by mpirun, which sees more ranks than slots (but not more ranks than
/// cores).
bool idle_ranks_yield() {
  const std::string asked = environment("OMPI_MCA_mpi_yield_when_idle");
  return asked.empty() ? environment("OMPI_MCA_mpi_oversubscribe") == "1" : asked == "1";
}

Finding check_size(const comm::Communicator& comm) {
  const long cores = sysconf(_SC_NPROCESSORS_ONLN);
  const int ranks = comm.split_by_host().size();
  const std::string fact = std::to_string(comm.size()) + " started by " + launcher() + "; " +
                           std::to_string(ranks) + " on this host of " + std::to_string(cores) +
                           " cores";
  if (ranks <= cores || idle_ranks_yield()) return {"ranks", Health::good, fact, ""};
  return {"ranks", Health::warning, fact + ": ranks that wait keep the others from working",
          "export OMPI_MCA_mpi_yield_when_idle=1"};
}

/// Median seconds of an all-reduce of the gradient of a small network.
double all_reduce_seconds(const comm::Communicator& comm) {
  constexpr int repeats = 21;
  auto values = torch::zeros({50000});
  std::vector<double> seconds;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    comm.barrier();
    const auto start = std::chrono::steady_clock::now();
    comm::all_reduce_sum(comm, values);
    seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());
  return seconds[repeats / 2];
}

Finding check_agreement(const comm::Communicator& comm) {
  const double seconds = all_reduce_seconds(comm);
  const std::string fact =
      std::to_string(std::llround(seconds * 1e6)) + " us for a sum of 50000 numbers over all ranks";
  if (seconds < 0.02) return {"messages", Health::good, fact, ""};
  return {"messages", Health::warning, fact + ", which should take far less",
          "start no more ranks than cores, or export OMPI_MCA_mpi_yield_when_idle=1"};
}

}  // namespace

std::vector<Finding> check_software() {
  std::vector<Finding> findings;
  for (const auto& [name, version] : versions())
    findings.push_back({name, Health::good, version, ""});
  return findings;
}

std::vector<Finding> check_ranks(const comm::Communicator& comm) {
  std::vector<Finding> findings = {check_size(comm)};
  if (comm.size() > 1) findings.push_back(check_agreement(comm));
  return findings;
}

}  // namespace tropism::app
