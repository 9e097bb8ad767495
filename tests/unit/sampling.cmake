# SPDX-License-Identifier: MIT
tropism_add_test(unit_sampling SOURCES sampling_sampler.cpp MODULES sampling network)
