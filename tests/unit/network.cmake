# SPDX-License-Identifier: MIT
tropism_add_test(unit_network
  SOURCES network_backward.cpp network_device.cpp network_field.cpp network_flat_parameters.cpp network_mlp.cpp network_mlp_kernel.cpp network_preconditioning.cpp network_recorded_mlp.cpp ../support/simulated_device.cpp
  MODULES network score)
