# SPDX-License-Identifier: MIT
tropism_add_test(data_shards SOURCES data_manifest.cpp data_row_stream.cpp data_shard_errors.cpp data_shard_set.cpp
                         data_shard_writer.cpp
                 MODULES data)
tropism_add_test(data_values SOURCES data_config.cpp data_scaling.cpp data_synthetic.cpp MODULES data)
