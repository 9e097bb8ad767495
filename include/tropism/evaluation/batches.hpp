// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <optional>

namespace tropism::evaluation {

/// How two sets are cut into batches of as many points of each.
struct Batches {
  std::int64_t rows = 300;  // of each set in a batch; all rows of y where it has fewer
  std::int64_t count = 0;   // of batches at most; 0: as many as x has points for
};

/// The mean of an estimate over batches.
struct BatchMean {
  std::int64_t batch = 0;                // points of each set in a batch
  std::int64_t batches = 0;              // that have a value
  std::optional<double> mean;            // of the batches' values
  std::optional<double> standard_error;  // of that mean; none for fewer than two batches
};

/// An estimate from x [N, D] and y [M, D]; none where they do not give one.
using PairEstimate =
    std::function<std::optional<double>(const torch::Tensor& x, const torch::Tensor& y)>;

/// Points are chosen at random but always alike, so that the order of x and y does not matter. No
/// two batches share a point of x; those of y come round again when y is used up, and its own error
/// is then not in the standard error. The mean has the bias of estimates from `batch` points.
///
/// @param x, y   [N, D], [M, D]; M >= 1
[[nodiscard]] BatchMean mean_over_batches(const torch::Tensor& x, const torch::Tensor& y,
                                          const Batches& batches, const PairEstimate& estimate);

}  // namespace tropism::evaluation
