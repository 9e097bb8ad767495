// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace tropism::base {

/// Where a block of four random words comes from: Philox4x32-10 of Salmon et al. (SC 2011) at the
/// counter (block, step, low and high word of the trajectory).
struct PhiloxStream {
  std::uint32_t key[2];
  std::uint32_t step;
};

/// The first `blocks` blocks of each of so many consecutive trajectories, [rows, 4 blocks].
void philox_words(const PhiloxStream& stream, std::uint64_t first_trajectory, std::size_t rows,
                  std::size_t blocks, std::uint32_t* words);

/// The first two words of the first block of each, [rows, 2].
void philox_pairs(const PhiloxStream& stream, std::uint64_t first_trajectory, std::size_t rows,
                  std::uint32_t* words);

/// Box-Muller on pairs of words: (u1, u2) -> sqrt(-2 log u1) (cos 2 pi u2, sin 2 pi u2), in float32
/// with u1 in (0, 1].
/// @param words   [2 pairs]
/// @param result  [2 pairs]
void normal_of_words(const std::uint32_t* words, std::size_t pairs, float* result);

}  // namespace tropism::base
