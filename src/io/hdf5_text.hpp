// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "hdf5_types.hpp"

namespace tropism::io {

/// One string out of a text dataset or attribute of fixed or variable length.
/// @param read   reads into a buffer in the given memory type
[[nodiscard]] std::string read_one_text(
    hid_t stored_type, hid_t space, const Hdf5Action& action,
    const std::function<herr_t(hid_t memory, void* buffer)>& read);

}  // namespace tropism::io
