# SPDX-License-Identifier: MIT
add_library(tropism_sanitizers INTERFACE)
if(TROPISM_SANITIZE)
  target_compile_options(tropism_sanitizers INTERFACE -fsanitize=${TROPISM_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(tropism_sanitizers INTERFACE -fsanitize=${TROPISM_SANITIZE})
endif()
