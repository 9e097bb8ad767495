# SPDX-License-Identifier: MIT
# cmake -DCLANG_FORMAT=... -DROOT=... -P check_format.cmake
cmake_minimum_required(VERSION 3.25)
set(patterns "")
foreach(folder include src conditional tests)
  list(APPEND patterns ${ROOT}/${folder}/*.hpp ${ROOT}/${folder}/*.cpp)
endforeach()
file(GLOB_RECURSE files ${patterns})
execute_process(COMMAND ${CLANG_FORMAT} --dry-run -Werror ${files} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "Some files are not formatted; `clang-format-14 -i FILE...` mends them.")
endif()
