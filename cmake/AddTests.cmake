# SPDX-License-Identifier: MIT
# tropism_add_test(NAME SOURCES ... MODULES ... [RANKS 1 2 4] [TAGS a b] [LABELS ...] [TIMEOUT seconds])
# One Catch2 executable. It is one ctest; with TAGS one ctest per tag, NAME.a, NAME.b, ..., which can
# run side by side (every case must have one of the tags); with RANKS one per number of ranks,
# NAME.np1, NAME.np2, ..., and the sources find all ranks by tropism::test::world().
# A test that cannot run here is not registered at all.
set(TROPISM_TEST_ENVIRONMENT
  OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
  OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
  OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader) # ranks of one machine: 0.2 s are spent looking for networks

function(tropism_add_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;MODULES;RANKS;TAGS;LABELS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  tropism_add_test_executable(test_${name} "${arg_SOURCES}" "${arg_MODULES}" "${arg_RANKS}")
  if(NOT arg_RANKS AND NOT arg_TAGS)
    add_test(NAME ${name} COMMAND test_${name})
    if(NOT arg_LABELS)
      set(arg_LABELS unit)
    endif()
    tropism_set_test(${name} ${arg_TIMEOUT} "${arg_LABELS}")
  endif()
  foreach(tag IN LISTS arg_TAGS)
    add_test(NAME ${name}.${tag} COMMAND test_${name} --warn NoTests "[${tag}]")
    tropism_set_test(${name}.${tag} ${arg_TIMEOUT} "${arg_LABELS}")
  endforeach()
  foreach(ranks IN LISTS arg_RANKS)
    add_test(NAME ${name}.np${ranks} COMMAND ${MPIEXEC_EXECUTABLE} ${MPIEXEC_NUMPROC_FLAG} ${ranks}
             ${MPIEXEC_PREFLAGS} $<TARGET_FILE:test_${name}> ${MPIEXEC_POSTFLAGS})
    tropism_set_test(${name}.np${ranks} ${arg_TIMEOUT} "mpi;np${ranks};${arg_LABELS}")
  endforeach()
endfunction()

function(tropism_add_test_executable target sources modules ranks)
  list(TRANSFORM modules PREPEND tropism_)
  set(main tropism_test_main)
  if(ranks)
    set(main tropism_test_mpi_main)
    list(APPEND modules tropism_comm)
  endif()
  add_executable(${target} ${sources})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_link_libraries(${target} PRIVATE ${main} ${modules} tropism_torch)
  tropism_house_flags(${target})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests/bin)
endfunction()

# Programs, ranks among them, spend much of their time starting up and waiting: the presets run three
# tests on two cores, whatever number of ranks each has.
function(tropism_set_test name timeout labels)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} LABELS "${labels}"
                       ENVIRONMENT "${TROPISM_TEST_ENVIRONMENT}")
endfunction()

# Catch2's main is the slow part of it: compiled once, as is the one that runs under mpirun.
function(tropism_add_test_main target source)
  add_library(${target} OBJECT ${PROJECT_SOURCE_DIR}/tests/support/${source})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_link_libraries(${target} PRIVATE tropism_torch ${ARGN})
  tropism_house_flags(${target})
endfunction()
tropism_add_test_main(tropism_test_main main.cpp tropism_base)
tropism_add_test_main(tropism_test_mpi_main mpi_main.cpp tropism_comm)
