# Linked by file, without what else the modules ask for: launching needs no LibTorch, which takes long
# to load.
add_executable(launch_program launch_program.cpp)
add_dependencies(launch_program tropism_comm tropism_base)
target_include_directories(launch_program PRIVATE ${PROJECT_SOURCE_DIR}/include)
target_compile_features(launch_program PRIVATE cxx_std_20)
target_link_libraries(launch_program PRIVATE $<TARGET_FILE:tropism_comm> $<TARGET_FILE:tropism_base> MPI::MPI_C)
tropism_house_flags(launch_program)
set_target_properties(launch_program PROPERTIES DISABLE_PRECOMPILE_HEADERS ON)
set(most_seconds 5)
if(TROPISM_SANITIZE) # which makes the start of a rank slow
  set(most_seconds 30)
endif()
foreach(case one_rank_fails all_ranks_fail status_of_job one_process separate_tasks)
  add_test(NAME launch_${case} COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:launch_program>
           -DMPIEXEC=${MPIEXEC_EXECUTABLE} -DNUMPROC_FLAG=${MPIEXEC_NUMPROC_FLAG} -DSECONDS=${most_seconds}
           -DCASE=${case} -P ${CMAKE_CURRENT_SOURCE_DIR}/launch_cases.cmake)
  tropism_set_test(launch_${case} 120 "mpi;launch")
  set_tests_properties(launch_${case} PROPERTIES RUN_SERIAL ON) # they measure time
endforeach()
