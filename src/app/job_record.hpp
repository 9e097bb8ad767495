// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::app {

/// Keeps what a Slurm job was in <run directory>/job: ID.environment, the variables that a result
/// may depend on, and ID.script, the batch script, where TROPISM_JOB_SCRIPT names it. Does nothing
/// outside Slurm. For rank 0. @throws IoError
void record_job(const std::string& run_directory);

}  // namespace tropism::app
