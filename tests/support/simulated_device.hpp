// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace tropism::test {

/// A device that any machine has: its memory lies with the host but is closed to it, so that to
/// read or write it in passing ends the test, as it would with a GPU; its operators are the CPU's,
/// and refuse operands of both sides.
[[nodiscard]] torch::Device simulated_device();

/// What tests of devices run on: a GPU with TROPISM_TEST_DEVICE = "cuda", else the simulated one.
[[nodiscard]] torch::Device device();

/// Operators that have worked on it so far: whether the work was done there.
[[nodiscard]] std::int64_t simulated_operators();

}  // namespace tropism::test
