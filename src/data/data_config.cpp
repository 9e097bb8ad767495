// SPDX-License-Identifier: MIT
#include <tropism/data/data_config.hpp>

#include <tropism/base/error.hpp>

namespace tropism::data {

void DataConfig::validate() const {
  if (path.empty())
    throw base::ConfigError(
        "data.path is empty. It names a directory of shards (`tropism import` makes one) or an "
        "HDF5 file.");
  if (x.empty())
    throw base::ConfigError("data.x is empty. It names the dataset that holds the samples.");
  if (placement != "replicated" && placement != "sharded")
    throw base::ConfigError("data.placement is \"" + placement +
                            "\"; it can be \"replicated\" or \"sharded\".");
}

}  // namespace tropism::data
