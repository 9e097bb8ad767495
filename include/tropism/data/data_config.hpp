// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::data {

/// Section [data]. A column with its default name may be absent; one that was given another name
/// must be there; an empty name leaves the column out.
struct DataConfig {
  std::string path;                 // a directory of shards, or one HDF5 file
  std::string x = "x";              // dataset of the samples, [N, ...]
  std::string label = "label";      // dataset of the labels, [N], integers
  std::string context = "context";  // dataset of the contexts, [N] or [N, C]
  std::string reward = "reward";    // dataset of the rewards, [N], NaN = unlabelled
  // replicated: every rank holds all rows; sharded: its share; streamed: two blocks of its share at
  // a time, read anew whenever they are needed
  std::string placement = "replicated";
  // Of x in one block of streamed data, 10^6 bytes, in [0.001, 10^6]. Above 32 the C library takes
  // fresh pages from the system for every block, which then cost more than the reading.
  double block_megabytes = 16.0;

  /// @throws ConfigError   names the key and what is allowed
  void validate() const;
};

}  // namespace tropism::data
