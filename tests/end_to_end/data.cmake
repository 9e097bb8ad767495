# SPDX-License-Identifier: MIT
# Exchange with h5py and NumPy, which Tropism itself does not need: registered where they are.
find_program(TROPISM_TEST_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(TROPISM_TEST_PYTHON NAMES python3)
if(TROPISM_TEST_PYTHON)
  execute_process(COMMAND ${TROPISM_TEST_PYTHON} -c "import h5py, numpy" RESULT_VARIABLE h5py_missing
                  OUTPUT_QUIET ERROR_QUIET)
  if(NOT h5py_missing)
    add_test(NAME end_to_end_data COMMAND ${TROPISM_TEST_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/data_verbs.py
             $<TARGET_FILE:tropism> ${PROJECT_SOURCE_DIR}/jobs/data/digits.csv)
    tropism_set_test(end_to_end_data 1 120 "end_to_end")
  endif()
endif()
