// SPDX-License-Identifier: MIT
#include "versions.hpp"

#include <torch/version.h>
#include <CLI/Version.hpp>

#include <tropism/base/version.hpp>
#include <tropism/comm/launch.hpp>
#include <tropism/io/hdf5_version.hpp>

namespace tropism::app {

std::vector<Version> versions() {
  return {{"Tropism", base::version() + " (git " + base::git_revision() + ")"},
          {"LibTorch", TORCH_VERSION},
          {"MPI", comm::mpi_version()},
          {"HDF5", io::hdf5_version()},
          {"CLI11", CLI11_VERSION}};
}

}  // namespace tropism::app
