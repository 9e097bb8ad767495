// SPDX-License-Identifier: MIT
#include <tropism/data/data_config.hpp>

#include <tropism/base/error.hpp>

#include "support/catch.hpp"

using namespace tropism;

TEST_CASE("A data section that names its data is valid, one with an impossible value is not") {
  data::DataConfig config;
  CHECK_THROWS_AS(config.validate(), base::ConfigError);

  config.path = "data/digits";
  CHECK_NOTHROW(config.validate());

  config.placement = "scattered";
  CHECK_THROWS_AS(config.validate(), base::ConfigError);

  config.placement = "streamed";
  CHECK_NOTHROW(config.validate());

  config.block_megabytes = 0.0;
  CHECK_THROWS_AS(config.validate(), base::ConfigError);
}
