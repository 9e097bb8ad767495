// SPDX-License-Identifier: MIT
// The one way to include Catch2 here. LibTorch brings in glog, whose CHECK aborts the process; so
// torch comes first, its CHECK goes, and Catch2's (version 2 or 3) stays.
#pragma once

#include <torch/types.h>

#undef CHECK
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif
