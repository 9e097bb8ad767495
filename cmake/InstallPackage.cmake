# SPDX-License-Identifier: MIT
# find_package(tropism) gives tropism::core and tropism::conditional; tests/install is a consumer.
include(CMakePackageConfigHelpers)
list(TRANSFORM TROPISM_CORE_MODULES PREPEND tropism_ OUTPUT_VARIABLE libraries)
install(TARGETS ${libraries} tropism_core tropism_conditional tropism_torch EXPORT tropism
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS tropism RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tropism)
install(EXPORT tropism NAMESPACE tropism:: DESTINATION ${package_dir} FILE tropismTargets.cmake)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/tropismConfig.cmake.in
  ${PROJECT_BINARY_DIR}/tropismConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tropismConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tropismConfig.cmake ${PROJECT_BINARY_DIR}/tropismConfigVersion.cmake
        DESTINATION ${package_dir})
