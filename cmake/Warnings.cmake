# SPDX-License-Identifier: MIT
add_library(tropism_warnings INTERFACE)
target_compile_options(tropism_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast
  $<$<BOOL:${TROPISM_WARNINGS_AS_ERRORS}>:-Werror>)
# GCC 12 sees overlaps and overflows inside std::string's own operator+ (GCC bugs 105329 and 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(tropism_warnings INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow)
endif()
