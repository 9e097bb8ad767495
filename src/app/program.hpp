// SPDX-License-Identifier: MIT
#pragma once

namespace tropism::app {

/// The program: finds the verb and runs it, under MPI where it needs ranks. Not to be called twice
/// in a process, for MPI starts but once. @return   the exit status
int run(int argc, char** argv);

}  // namespace tropism::app
