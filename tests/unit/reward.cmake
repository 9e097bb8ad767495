# SPDX-License-Identifier: MIT
tropism_add_test(unit_reward SOURCES reward_reward.cpp MODULES reward)
