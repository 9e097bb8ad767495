// SPDX-License-Identifier: MIT
#pragma once

namespace tropism::comm {

/// @throws ConfigError  if srun started several tasks that MPI does not know of: each would run the
///                      whole job by itself and write the same files
void refuse_separate_tasks(int mpi_size);

}  // namespace tropism::comm
