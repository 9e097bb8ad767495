# SPDX-License-Identifier: MIT
tropism_add_test(io_hdf5 SOURCES io_hdf5_file.cpp io_hdf5_errors.cpp MODULES io)
tropism_add_test(io_text SOURCES io_csv.cpp io_json_lines.cpp io_npy.cpp MODULES io)
tropism_add_test(io_files SOURCES io_atomic_file.cpp io_content_hash.cpp io_run_directory.cpp MODULES io)
