# SPDX-License-Identifier: MIT
tropism_add_test(unit_app
  SOURCES app_beta_search.cpp app_config.cpp app_config_errors.cpp app_device.cpp app_progress.cpp app_reproduction.cpp app_scaling.cpp
  MODULES app_config)
