// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::app {

enum class Listing { screenful, everything };

/// Prints what one HDF5 file holds: attributes, then datasets with shape, type and range of values.
/// @throws IoError   after the listing, if some of the datasets shown cannot be read
void inspect_file(const std::string& path, Listing listing);

/// Prints a shard set as one array: rows, columns and the files.
void inspect_shards(const std::string& directory, Listing listing);

}  // namespace tropism::app
