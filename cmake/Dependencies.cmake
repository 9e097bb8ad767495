# SPDX-License-Identifier: MIT
# Everything Tropism links. Debian package names: packages.txt.
set(MPI_CXX_SKIP_MPICXX ON)  # Open MPI's C++ bindings are gone in version 5 and break linking of C++ that includes mpi.h
set(HDF5_PREFER_PARALLEL ON) # else a serial HDF5 that is also installed may win
find_package(MPI REQUIRED COMPONENTS C)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(Torch REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(nanoflann REQUIRED)
find_package(ZLIB REQUIRED)
find_path(RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)
find_path(HWY_INCLUDE_DIR hwy/highway.h REQUIRED)
find_library(HWY_LIBRARY hwy REQUIRED)

# LibTorch as one imported target: 1.13 hands out its flags in variables.
add_library(tropism_torch INTERFACE)
target_link_libraries(tropism_torch INTERFACE ${TORCH_LIBRARIES})
target_include_directories(tropism_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
set_target_properties(tropism_torch PROPERTIES EXPORT_NAME torch)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
