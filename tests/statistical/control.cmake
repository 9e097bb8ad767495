# SPDX-License-Identifier: MIT
tropism_add_test(statistical_control_updates
  SOURCES control_updates.cpp
  MODULES control
  LABELS statistical)
