// SPDX-License-Identifier: MIT
#include <tropism/data/data_config.hpp>

#include <tropism/base/config_check.hpp>
#include <tropism/base/error.hpp>

namespace tropism::data {

void DataConfig::validate() const {
  if (path.empty())
    throw base::ConfigError(
        "data.path is empty. It names a directory of shards (`tropism import` makes one) or an "
        "HDF5 file.");
  if (x.empty())
    throw base::ConfigError("data.x is empty. It names the dataset that holds the samples.");
  base::check_one_of("data", "placement", placement, {"replicated", "sharded", "streamed"});
  constexpr double smallest_block = 0.001, largest_block = 1e6;
  if (!(block_megabytes >= smallest_block && block_megabytes <= largest_block))
    base::refuse_value("data", "block_megabytes", base::config_text(block_megabytes),
                       "between 0.001 and 1000000; 16 is a good size");
}

}  // namespace tropism::data
