# SPDX-License-Identifier: MIT
tropism_add_test(unit_app SOURCES app_config.cpp app_config_errors.cpp app_progress.cpp MODULES app_config)
tropism_add_test(unit_base_config SOURCES base_config_check.cpp MODULES base)
tropism_add_test(unit_app_beta_search SOURCES app_beta_search.cpp MODULES app_config)
tropism_add_test(unit_app_reproduction SOURCES app_reproduction.cpp MODULES app_config)
tropism_add_test(unit_app_scaling SOURCES app_scaling.cpp MODULES app_config)
