// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include <tropism/base/error.hpp>
#include <tropism/comm/communicator.hpp>

namespace tropism::comm {

/// Runs `job` on every rank between MPI's initialisation and its end, and is the only place that
/// catches everything. A failure is printed to standard error as `tropism: rank r of n: message`
/// (no rank where there is one only) and ends all ranks at once: a rank that left while the others
/// wait in a collective would hang the job for ever.
/// Tasks of `srun` that do not see each other are refused (ConfigError).
/// @return the exit status for main(): that of `job`, or of the error
[[nodiscard]] int launch(int& argc, char**& argv,
                         const std::function<base::ExitStatus(const Communicator&)>& job);

/// The same without MPI, for what needs no ranks: the job gets a group of one.
[[nodiscard]] int launch_alone(const std::function<base::ExitStatus(const Communicator&)>& job);

/// Whether mpirun or srun started this process. Open MPI gives ranks a pseudo-terminal as standard
/// output, so under a launcher nobody can know whether a person is watching.
[[nodiscard]] bool under_launcher();

/// Name and version of the MPI library, for instance `Open MPI v4.1.4`. Needs no initialised MPI.
[[nodiscard]] std::string mpi_version();

}  // namespace tropism::comm
