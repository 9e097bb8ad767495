# SPDX-License-Identifier: MIT
# cmake -DROOT=... -DLISTED=file of header paths -P check_listed_headers.cmake
cmake_minimum_required(VERSION 3.25)
file(STRINGS ${LISTED} listed)
file(GLOB_RECURSE headers ${ROOT}/include/*.hpp ${ROOT}/conditional/include/*.hpp)
list(REMOVE_ITEM headers ${listed})
if(headers)
  list(JOIN headers "\n  " headers)
  message(FATAL_ERROR "No module lists these headers, so they would not be installed:\n  ${headers}")
endif()
