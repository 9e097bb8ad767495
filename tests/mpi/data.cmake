# SPDX-License-Identifier: MIT
tropism_add_test(data_shards_on_ranks SOURCES data_shards.cpp MODULES data RANKS 1 2 4)
