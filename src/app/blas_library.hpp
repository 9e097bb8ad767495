// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::app {

/// The BLAS library that this process has loaded: it does most of the arithmetic, and results
/// differ in their last bits between its kernels.
struct BlasLibrary {
  std::string path;  // the file; empty if none was recognised
  std::string name;  // OpenBLAS, MKL, BLIS, ATLAS, reference BLAS, unknown
  std::string
      core;  // OpenBLAS: the processor it chose its kernels for, such as SkylakeX; else empty
};

[[nodiscard]] BlasLibrary loaded_blas();

}  // namespace tropism::app
