// SPDX-License-Identifier: MIT
#pragma once

namespace tropism::base {

/// Has LibTorch keep the memory of freed tensors of up to 64 KiB in lists by size, on each thread:
/// glibc takes aligned memory apart and puts it together anew each time, a twentieth of an episode.
/// Process-wide, once; larger tensors are allocated as before.
void keep_small_tensors();

}  // namespace tropism::base
