// SPDX-License-Identifier: MIT
#pragma once

namespace tropism::base {

/// Has LibTorch keep the memory of freed tensors of up to 64 KiB in lists by size, on each thread,
/// and take larger ones where freed ones of the same size fit: glibc takes aligned memory apart and
/// puts it together anew each time, a twentieth of an episode. Process-wide, once.
void keep_tensors();

}  // namespace tropism::base
