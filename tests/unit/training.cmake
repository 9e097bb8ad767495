# SPDX-License-Identifier: MIT
tropism_add_test(unit_training
  SOURCES training_adam.cpp training_checkpoint.cpp training_checkpoint_damage.cpp training_data_summary.cpp training_device.cpp
          training_gradient_reducer.cpp training_online.cpp training_report.cpp training_trainer.cpp ../support/simulated_device.cpp
  MODULES training)
