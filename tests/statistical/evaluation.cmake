# SPDX-License-Identifier: MIT
foreach(topic distances divergence)
  tropism_add_test(statistical_evaluation_${topic}
    SOURCES evaluation_${topic}.cpp
    MODULES evaluation
    LABELS statistical)
endforeach()
