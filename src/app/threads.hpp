// SPDX-License-Identifier: MIT
#pragma once

namespace tropism::app {

/// One thread per process for LibTorch and OpenBLAS, unless OMP_NUM_THREADS asks for another
/// number: ranks are what fills the cores. Without this every rank would start a thread on every
/// core.
void use_one_thread_by_default();

}  // namespace tropism::app
