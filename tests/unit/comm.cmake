tropism_add_test(comm_alone SOURCES comm_alone.cpp MODULES comm)
tropism_add_test(comm_row_split SOURCES comm_row_split.cpp MODULES comm)
