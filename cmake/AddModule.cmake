# SPDX-License-Identifier: MIT
# tropism_add_module(NAME HEADERS a.hpp ... SOURCES a.cpp ... [LINKS foreign libraries])
# One static library per module. It links the modules that the layer table allows, and no other.
function(tropism_add_module name)
  cmake_parse_arguments(arg "" "BASE_DIR" "HEADERS;SOURCES;LINKS" ${ARGN})
  if(NOT arg_BASE_DIR)
    set(arg_BASE_DIR ${PROJECT_SOURCE_DIR}/include)
  endif()
  list(TRANSFORM arg_HEADERS PREPEND ${arg_BASE_DIR}/tropism/${name}/)
  set(library tropism_${name})
  add_library(${library} STATIC ${arg_SOURCES})
  add_library(tropism::${name} ALIAS ${library})
  target_sources(${library} PUBLIC FILE_SET HEADERS BASE_DIRS ${arg_BASE_DIR} FILES ${arg_HEADERS})
  target_compile_features(${library} PUBLIC cxx_std_20)
  list(TRANSFORM TROPISM_LAYER_${name} PREPEND tropism_ OUTPUT_VARIABLE allowed)
  target_link_libraries(${library} PUBLIC ${allowed} tropism_torch PRIVATE ${arg_LINKS})
  tropism_house_flags(${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# What every target of ours is compiled with: warnings, sanitizers, and LibTorch's types precompiled once.
function(tropism_house_flags target)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:tropism_warnings> $<BUILD_INTERFACE:tropism_sanitizers>)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -fPIC) # as the precompiled header: CMake's own switch makes it -fPIE in executables
  if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
    target_precompile_headers(${target} REUSE_FROM tropism_precompiled)
  endif()
endfunction()

if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/precompiled.cpp CONTENT "") # untouched when it is there
  add_library(tropism_precompiled OBJECT ${PROJECT_BINARY_DIR}/precompiled.cpp)
  target_compile_features(tropism_precompiled PRIVATE cxx_std_20)
  target_link_libraries(tropism_precompiled PRIVATE tropism_torch tropism_warnings tropism_sanitizers)
  set_target_properties(tropism_precompiled PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(tropism_precompiled PRIVATE -fPIC)
  target_precompile_headers(tropism_precompiled PRIVATE <torch/types.h> <torch/nn/module.h> <torch/nn/modules/linear.h>)
endif()
