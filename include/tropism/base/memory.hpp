// SPDX-License-Identifier: MIT
#pragma once

namespace tropism::base {

/// Keeps the memory of freed tensors for the next ones, where the C library would give it back to
/// the system and fetch it again, page by page, at every step: half of the time of an episode.
/// Process-wide. The process stays as large as it was at its largest. Nothing where the C library
/// is not glibc.
void keep_freed_memory();

}  // namespace tropism::base
