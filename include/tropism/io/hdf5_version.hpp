// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::io {

/// Of the library that is loaded, for instance `1.10.8`, and whether it was built for MPI.
[[nodiscard]] std::string hdf5_version();

}  // namespace tropism::io
