tropism_add_test(comm_on_ranks
  SOURCES comm_agreement.cpp comm_collectives.cpp comm_pending_rows.cpp comm_split.cpp
  MODULES comm RANKS 1 2 3 4 8)

add_executable(launch_program launch_program.cpp)
target_link_libraries(launch_program PRIVATE tropism_comm)
tropism_house_flags(launch_program)
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
