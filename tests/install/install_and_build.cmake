# SPDX-License-Identifier: MIT
# cmake -DBUILD=... -DCONSUMER=... -DSCRATCH=... -DCXX=... -DCXX_FLAGS=... -P install_and_build.cmake
cmake_minimum_required(VERSION 3.25)

function(run what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "The consumer could not ${what}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${SCRATCH})
run("install" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/prefix)
run("configure" ${CMAKE_COMMAND} -S ${CONSUMER} -B ${SCRATCH}/build -G Ninja -DCMAKE_CXX_COMPILER=${CXX}
    -DCMAKE_CXX_FLAGS=${CXX_FLAGS} -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix)
run("build" ${CMAKE_COMMAND} --build ${SCRATCH}/build)
run("run" ${SCRATCH}/build/consumer)
if(NOT output MATCHES "1 rank, label 7, step 0.25")
  message(FATAL_ERROR "The consumer printed:\n${output}")
endif()
run("run the installed program" ${SCRATCH}/prefix/bin/tropism --version)

# An installed file that names the source or the build tree works on this machine only.
file(GLOB_RECURSE installed ${SCRATCH}/prefix/*.cmake)
get_filename_component(source ${CONSUMER}/../../.. ABSOLUTE)
foreach(file IN LISTS installed)
  file(READ ${file} text)
  string(REPLACE "${SCRATCH}" "" text "${text}")
  string(FIND "${text}" "${source}" found)
  if(NOT found EQUAL -1)
    message(FATAL_ERROR "${file} names the source tree, ${source}.")
  endif()
endforeach()
file(REMOVE_RECURSE ${SCRATCH})
