// SPDX-License-Identifier: MIT
#include "threads.hpp"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <cstdlib>

namespace tropism::app {
namespace {

/// OpenBLAS built on plain threads does not listen to OpenMP. Other BLAS libraries lack the
/// function.
void set_openblas_threads(int count) {
  using SetThreads = void (*)(int);
  void* symbol = dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
  if (symbol != nullptr) reinterpret_cast<SetThreads>(symbol)(count);
}

}  // namespace

void use_one_thread_by_default() {
  if (std::getenv("OMP_NUM_THREADS") != nullptr) return;
  at::set_num_threads(1);
  if (std::getenv("OPENBLAS_NUM_THREADS") == nullptr) set_openblas_threads(1);
}

}  // namespace tropism::app
