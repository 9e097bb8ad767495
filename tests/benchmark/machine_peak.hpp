// SPDX-License-Identifier: MIT
#pragma once

namespace tropism::benchmark {

/// Float32 fused multiply-adds per second of one thread, each lane counted: sixteen independent
/// chains in registers, with the widest vectors that the processor has.
[[nodiscard]] double multiply_adds_per_second();

}  // namespace tropism::benchmark
