# SPDX-License-Identifier: MIT
tropism_add_test(unit_io
  SOURCES io_atomic_file.cpp io_content_hash.cpp io_csv.cpp io_hdf5_errors.cpp io_hdf5_file.cpp io_json_lines.cpp io_npy.cpp
          io_run_directory.cpp
  MODULES io)
