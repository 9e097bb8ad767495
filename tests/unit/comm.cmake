# SPDX-License-Identifier: MIT
tropism_add_test(unit_comm SOURCES comm_alone.cpp comm_row_split.cpp MODULES comm)
