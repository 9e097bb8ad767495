// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>  // says which C library there is

/// Before a function of plain loops: the compiler makes one for each width of vectors, and the
/// processor's widest is called. Where it multiplies and adds, its file is to be compiled with
/// -ffp-contract=off, so that all of them give the same numbers. Nothing where compiler or C
/// library cannot, or a sanitizer runs, which begins too late for the choice.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    __GNUC__ >= 12 && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TROPISM_WIDE_LOOPS \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), flatten))
#else
#define TROPISM_WIDE_LOOPS
#endif
