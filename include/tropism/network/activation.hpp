// SPDX-License-Identifier: MIT
#pragma once

namespace tropism::network {

/// What a layer applies to each of its sums.
enum class Activation { none, silu, tanh, relu };

}  // namespace tropism::network
