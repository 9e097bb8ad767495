// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <string>

namespace tropism::io {

/// Reads a NumPy .npy file (format 1, 2 or 3): little-endian floats and integers, booleans, in C
/// order. Types that torch lacks become the next that holds them, as in Hdf5File::read.
/// @throws IoError   for Fortran order, other types, a header or length that does not fit
[[nodiscard]] torch::Tensor read_npy(const std::string& path);

/// Writes a tensor of any shape as .npy, format 1. Atomic.
void write_npy(const std::string& path, const torch::Tensor& values);

}  // namespace tropism::io
