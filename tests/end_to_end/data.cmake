# SPDX-License-Identifier: MIT
# Exchange with h5py and NumPy, which Tropism itself does not need.
add_test(NAME end_to_end_data COMMAND ${TROPISM_TEST_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/data_verbs.py
         $<TARGET_FILE:tropism> ${PROJECT_SOURCE_DIR}/jobs/data/digits.csv)
tropism_set_test(end_to_end_data 120 "end_to_end")
