# SPDX-License-Identifier: MIT
tropism_add_test(unit_base
  SOURCES base_config_check.cpp base_elementwise.cpp base_error.cpp base_memory.cpp base_philox.cpp base_random.cpp
  MODULES base)
