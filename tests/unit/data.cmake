# SPDX-License-Identifier: MIT
tropism_add_test(unit_data
  SOURCES data_config.cpp data_manifest.cpp data_row_stream.cpp data_scaling.cpp data_shard_errors.cpp data_shard_set.cpp
          data_shard_writer.cpp data_synthetic.cpp
  MODULES data)
