// SPDX-License-Identifier: MIT
// Compiled by Highway once for each instruction set. Blocks of words lie in lanes.
#include "random_kernel.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

// Arrays of vectors need a width that is known when compiling.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "random_kernel.cpp"
#include <hwy/foreach_target.h>
// After foreach_target.h, as Highway demands.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tropism::base::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Wide = hn::ScalableTag<std::uint64_t>;  // words in the low halves of its lanes
using Words = hn::Vec<Wide>;
using Lanes = hn::ScalableTag<float>;
using Vector = hn::Vec<Lanes>;
constexpr std::size_t lanes = hn::MaxLanes(Wide());
constexpr std::size_t vectors = 4;  // a round waits for the one before: so many hide its latency
constexpr std::size_t blocks_at_once = vectors * lanes;

/// The 64 bits of word * factor.
HWY_INLINE Words product(Words word, std::uint32_t factor) {
#if HWY_TARGET == HWY_SCALAR
  const Wide d;
  return hn::Set(d, (hn::GetLane(word) & 0xFFFFFFFFU) * factor);
#else
  const hn::Repartition<std::uint32_t, Wide> d;
  return hn::MulEven(hn::BitCast(d, word), hn::Set(d, factor));
#endif
}

/// Words of `blocks_at_once` blocks, in the low halves of lanes; what high halves hold is open.
struct Blocks {
  Words c[4][vectors];
};

/// Ten rounds on counters.
HWY_INLINE void philox(const std::uint32_t* key, Blocks& blocks) {
  const Wide d;
  auto& c = blocks.c;
  std::uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; ++round) {
    for (std::size_t v = 0; v < vectors; ++v) {
      const auto p0 = product(c[0][v], 0xD2511F53U), p1 = product(c[2][v], 0xCD9E8D57U);
      c[0][v] = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c[1][v]), hn::Set(d, k0));
      c[2][v] = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c[3][v]), hn::Set(d, k1));
      c[1][v] = p1;
      c[3][v] = p0;
    }
    k0 += 0x9E3779B9U;  // the golden ratio
    k1 += 0xBB67AE85U;  // sqrt(3) - 1
  }
}

/// The first words of two, as words that follow one another.
HWY_INLINE Words side_by_side(Words first, Words second) {
  const Wide d;
  return hn::Or(hn::And(first, hn::Set(d, 0xFFFFFFFFU)), hn::ShiftLeft<32>(second));
}

/// The counters of `blocks_at_once` blocks: block by block, trajectory by trajectory.
struct Counters {
  HWY_ALIGN std::uint64_t block[blocks_at_once];
  HWY_ALIGN std::uint64_t trajectory[blocks_at_once];

  [[nodiscard]] HWY_INLINE Blocks load(std::uint32_t step) const {
    const Wide d;
    Blocks blocks;
    for (std::size_t v = 0; v < vectors; ++v) {
      const auto which = hn::Load(d, trajectory + v * lanes);
      blocks.c[0][v] = hn::Load(d, block + v * lanes);
      blocks.c[1][v] = hn::Set(d, step);
      blocks.c[2][v] = which;
      blocks.c[3][v] = hn::ShiftRight<32>(which);
    }
    return blocks;
  }
};

/// The lane of a block: neighbours lie half a vector apart, for their words are interleaved within
/// pairs of lanes.
constexpr std::size_t lane_of(std::size_t block) {
  const std::size_t i = block % lanes, half = (lanes + 1) / 2;
  return block - i + 2 * (i % half) + i / half;
}

HWY_INLINE void advance(std::uint64_t blocks, std::uint64_t& block, std::uint64_t& trajectory,
                        Counters& counters) {
  for (std::size_t i = 0; i < blocks_at_once; ++i) {
    counters.block[lane_of(i)] = block;
    counters.trajectory[lane_of(i)] = trajectory;
    if (++block < blocks) continue;
    block = 0;
    ++trajectory;
  }
}

/// All four words of each block, block by block.
HWY_INLINE void write_words(const Blocks& blocks, std::uint64_t* HWY_RESTRICT words) {
  [[maybe_unused]] const Wide d;
  for (std::size_t v = 0; v < vectors; ++v, words += 2 * lanes) {
    const auto front = side_by_side(blocks.c[0][v], blocks.c[1][v]),
               back = side_by_side(blocks.c[2][v], blocks.c[3][v]);
#if HWY_TARGET == HWY_SCALAR
    words[0] = hn::GetLane(front);
    words[1] = hn::GetLane(back);
#else
    hn::Store(hn::InterleaveLower(d, front, back), d, words);
    hn::Store(hn::InterleaveUpper(d, front, back), d, words + lanes);
#endif
  }
}

void words_of_rows(const PhiloxStream& stream, std::uint64_t trajectory, std::size_t rows,
                   std::size_t blocks, std::uint32_t* words) {
  const std::size_t all = rows * blocks;
  std::uint64_t block = 0;
  Counters counters;
  HWY_ALIGN std::uint64_t result[2 * blocks_at_once];
  for (std::size_t first = 0; first < all; first += blocks_at_once) {
    advance(blocks, block, trajectory, counters);
    auto found = counters.load(stream.step);
    philox(stream.key, found);
    write_words(found, result);
    std::memcpy(words + 4 * first, result,
                std::min(blocks_at_once, all - first) * 2 * sizeof(std::uint64_t));
  }
}

void pairs_of_rows(const PhiloxStream& stream, std::uint64_t trajectory, std::size_t rows,
                   std::uint32_t* words) {
  const Wide d;
  Counters counters = {};
  HWY_ALIGN std::uint64_t result[blocks_at_once];
  for (std::size_t first = 0; first < rows; first += blocks_at_once) {
    for (auto& which : counters.trajectory) which = trajectory++;
    auto found = counters.load(stream.step);
    philox(stream.key, found);
    for (std::size_t v = 0; v < vectors; ++v)
      hn::Store(side_by_side(found.c[0][v], found.c[1][v]), d, result + v * lanes);
    std::memcpy(words + 2 * first, result,
                std::min(blocks_at_once, rows - first) * sizeof(std::uint64_t));
  }
}

/// A word as a number in [0, 1]: the middle of one of 2^32 equal cells, rounded.
HWY_INLINE Vector to_unit(hn::Vec<hn::RebindToSigned<Lanes>> words) {
  const Lanes d;
  const auto centred = hn::ConvertTo(d, words);  // as signed words: by 2^31 too small
  return hn::Mul(hn::Add(centred, hn::Set(d, 2147483648.0F)), hn::Set(d, 1.0F / 4294967296.0F));
}

/// Normal numbers of a vector's worth of pairs, in the place of their words.
HWY_INLINE void box_muller(Vector& first, Vector& second) {
  const Lanes d;
  const hn::RebindToSigned<Lanes> words;
  const auto u1 = to_unit(hn::BitCast(words, first)), u2 = to_unit(hn::BitCast(words, second));
  const auto logarithm = hn::Log(d, hn::Max(u1, hn::Set(d, 1.0F / 8589934592.0F)));
  const auto radius = hn::Sqrt(hn::Max(hn::Mul(logarithm, hn::Set(d, -2.0F)), hn::Zero(d)));
  const auto angle = hn::Mul(u2, hn::Set(d, 6.28318530717958648F));
  first = hn::Mul(radius, hn::Cos(d, angle));
  second = hn::Mul(radius, hn::Sin(d, angle));
}

constexpr std::size_t pairs_at_once = hn::MaxLanes(Lanes());

/// Turns that many pairs of words into pairs of numbers.
HWY_INLINE void to_normal(float* HWY_RESTRICT pairs) {
  const Lanes d;
#if HWY_TARGET == HWY_SCALAR
  auto first = hn::Load(d, pairs), second = hn::Load(d, pairs + 1);
  box_muller(first, second);
  hn::Store(first, d, pairs);
  hn::Store(second, d, pairs + 1);
#else
  // Even lanes take what the pairs of one vector hold, odd lanes those of the other.
  const Wide wide;
  const auto up = [&](Vector v) { return hn::BitCast(d, hn::ShiftLeft<32>(hn::BitCast(wide, v))); };
  const auto down = [&](Vector v) {
    return hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, v)));
  };
  const auto a = hn::Load(d, pairs), b = hn::Load(d, pairs + pairs_at_once);
  auto first = hn::OddEven(up(b), a), second = hn::OddEven(b, down(a));
  box_muller(first, second);
  hn::Store(hn::OddEven(up(second), first), d, pairs);
  hn::Store(hn::OddEven(second, down(first)), d, pairs + pairs_at_once);
#endif
}

void normal_pairs(const std::uint32_t* words, std::size_t pairs, float* result) {
  HWY_ALIGN float numbers[2 * pairs_at_once] = {};
  for (std::size_t first = 0; first < pairs; first += pairs_at_once) {
    const std::size_t bytes = std::min(pairs_at_once, pairs - first) * 2 * sizeof(float);
    std::memcpy(numbers, words + 2 * first, bytes);
    to_normal(numbers);
    std::memcpy(result + 2 * first, numbers, bytes);
  }
}

}  // namespace tropism::base::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tropism::base {

HWY_EXPORT(words_of_rows);
HWY_EXPORT(pairs_of_rows);
HWY_EXPORT(normal_pairs);

void philox_words(const PhiloxStream& stream, std::uint64_t first_trajectory, std::size_t rows,
                  std::size_t blocks, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(words_of_rows)(stream, first_trajectory, rows, blocks, words);
}

void philox_pairs(const PhiloxStream& stream, std::uint64_t first_trajectory, std::size_t rows,
                  std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(pairs_of_rows)(stream, first_trajectory, rows, words);
}

void normal_of_words(const std::uint32_t* words, std::size_t pairs, float* result) {
  HWY_DYNAMIC_DISPATCH(normal_pairs)(words, pairs, result);
}

}  // namespace tropism::base
#endif
