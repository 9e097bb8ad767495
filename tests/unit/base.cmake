tropism_add_test(base_random SOURCES base_random.cpp base_philox.cpp MODULES base)
tropism_add_test(base_error SOURCES base_error.cpp MODULES base)
tropism_add_test(base_memory SOURCES base_memory.cpp MODULES base)
