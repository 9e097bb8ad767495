// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace tropism::evaluation {

/// Which set is shuffled: the two must not be in the same order.
enum class Shuffle : std::uint64_t { x = 1, y = 2 };

/// All rows in a fixed random order.
torch::Tensor shuffled(const torch::Tensor& points, Shuffle set);

/// The first `most` of them; all if there are no more.
torch::Tensor some_rows(const torch::Tensor& points, Shuffle set, std::int64_t most);

}  // namespace tropism::evaluation
