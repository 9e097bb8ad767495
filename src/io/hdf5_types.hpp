// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <optional>
#include <string>

#include "hdf5_handle.hpp"

namespace tropism::io {

/// The type that numbers of this HDF5 type have in memory; empty if they are not numbers.
[[nodiscard]] std::optional<torch::Dtype> dtype_of(hid_t stored_type);

/// HDF5's name for a type in memory. @throws ContractError for one that is not stored (half,
/// complex)
[[nodiscard]] hid_t memory_type(torch::Dtype dtype);

/// The little-endian type on disk.
[[nodiscard]] hid_t file_type(torch::Dtype dtype);

/// True for 64-bit unsigned integers, which torch lacks.
[[nodiscard]] bool is_unsigned_64(hid_t stored_type);

/// For people: "float32", "uint16", "text", "compound".
[[nodiscard]] std::string type_name(hid_t stored_type);

/// A string type of this many bytes (at least one), UTF-8, padded with zeros.
[[nodiscard]] TypeHandle fixed_text_type(std::size_t bytes);

}  // namespace tropism::io
