// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <tropism/score/ratio_state.hpp>

namespace tropism::score {

/// Rows of data. The kernel reads them in place.
struct KernelRows {
  const float* x;            // [M, D]
  const float* log_weights;  // [M], or null for zeros
  const float* squares;      // |x_j|^2, [M]
  const float* contexts;     // [M, C], divided by the bandwidth; null without contexts
  std::size_t num_rows;
};

/// Queries of one group, a query in each lane, coordinate by coordinate; and their running sums.
/// Every line has `kernel_lanes()` numbers. Logits are in base 2.
///
/// Far from the data |x/a - x_j|^2 loses in round-off what distinguishes the rows. There x/a = m is
/// replaced by a point r among the data and its mirror image s = 2 m - r:
/// (r - x_j).(s - x_j) = |m - x_j|^2 - |m - r|^2, and the last term is the caller's to subtract.
struct KernelQueries {
  const float* x = nullptr;         // m, or r where mirrored, [D, lanes]
  const float* mirrored = nullptr;  // s, [D, lanes]; null where no query of the group is far
  const float* contexts = nullptr;  // divided by the bandwidth, [C, lanes]
  float* log_max = nullptr;         // [lanes], -infinity at first
  double* sums = nullptr;           // sum e, sum e^2, sum e x_j: [2 + D, lanes]
};

/// How logits are formed: by differences, -scale |m - x_j|^2, or by products, where the part that
/// all rows share is left to the caller: 2 scale m.x_j - scale |x_j|^2 = -scale (|m - x_j|^2 -
/// |m|^2). Products cost D multiply-adds a pair in place of 2 D operations.
enum class Arithmetic { differences, products };

struct KernelShape {
  std::size_t dimension;          // D >= 1
  std::size_t context_dimension;  // C
  float scale;                    // a^2 / (2 v ln 2): a logit is -scale |x/a - x_j|^2 + ..
  ContextKernel context_kernel;
  Arithmetic arithmetic = Arithmetic::differences;
};

/// Queries of a full group; every array of KernelQueries has lines of this length.
[[nodiscard]] std::size_t kernel_lanes();

/// Adds rows to the running sums of a group of queries: a tiled online softmax in float32, tiles
/// summed in float64. `half` takes the first half of the lanes only.
/// What a lane receives depends on its query and the rows alone, to the last bit.
void add_rows(const KernelShape& shape, const KernelRows& rows, const KernelQueries& queries,
              bool half);

}  // namespace tropism::score
