// SPDX-License-Identifier: MIT
// Compiled by Highway once for each instruction set. Blocks of words lie in lanes.
#include "random_kernel.hpp"

#include <algorithm>
#include <cmath>

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
constexpr std::size_t blocks_at_once = hn::MaxLanes(Wide());

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

/// Ten rounds on the counters in the low halves of the lanes; high halves come out as they may.
HWY_INLINE void philox(const std::uint32_t* key, Words (&c)[4]) {
  const Wide d;
  std::uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; ++round) {
    const auto p0 = product(c[0], 0xD2511F53U), p1 = product(c[2], 0xCD9E8D57U);
    c[0] = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c[1]), hn::Set(d, k0));
    c[2] = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c[3]), hn::Set(d, k1));
    c[1] = p1;
    c[3] = p0;
    k0 += 0x9E3779B9U;  // the golden ratio
    k1 += 0xBB67AE85U;  // sqrt(3) - 1
  }
}

/// The counters of `blocks_at_once` blocks from one on: block by block, trajectory by trajectory.
struct Counters {
  HWY_ALIGN std::uint64_t block[blocks_at_once];
  HWY_ALIGN std::uint64_t trajectory[blocks_at_once];
};

HWY_INLINE void advance(std::uint64_t blocks, std::uint64_t& block, std::uint64_t& trajectory,
                        Counters& counters) {
  for (std::size_t i = 0; i < blocks_at_once; ++i) {
    counters.block[i] = block;
    counters.trajectory[i] = trajectory;
    if (++block < blocks) continue;
    block = 0;
    ++trajectory;
  }
}

HWY_INLINE void write_words(const PhiloxStream& stream, const Counters& counters, std::size_t count,
                            std::uint32_t* HWY_RESTRICT words) {
  const Wide d;
  const auto trajectory = hn::Load(d, counters.trajectory);
  Words c[4] = {hn::Load(d, counters.block), hn::Set(d, stream.step), trajectory,
                hn::ShiftRight<32>(trajectory)};
  philox(stream.key, c);
  HWY_ALIGN std::uint64_t result[4][blocks_at_once];
  for (std::size_t k = 0; k < 4; ++k) hn::Store(c[k], d, result[k]);
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < 4; ++k)
      words[4 * i + k] = static_cast<std::uint32_t>(result[k][i] & 0xFFFFFFFFU);
}

void words_of_rows(const PhiloxStream& stream, std::uint64_t trajectory, std::size_t rows,
                   std::size_t blocks, std::uint32_t* words) {
  const std::size_t all = rows * blocks;
  std::uint64_t block = 0;
  Counters counters;
  for (std::size_t first = 0; first < all; first += blocks_at_once) {
    advance(blocks, block, trajectory, counters);
    write_words(stream, counters, std::min(blocks_at_once, all - first), words + 4 * first);
  }
}

/// A word as a number in [0, 1]: the middle of one of 2^32 equal cells, rounded.
HWY_INLINE Vector to_unit(hn::Vec<hn::RebindToSigned<Lanes>> words) {
  const Lanes d;
  const auto centred = hn::ConvertTo(d, words);  // as signed words: by 2^31 too small
  return hn::Mul(hn::Add(centred, hn::Set(d, 2147483648.0F)), hn::Set(d, 1.0F / 4294967296.0F));
}

/// A vector's worth of pairs; `first` and `second` hold their words and receive their numbers.
HWY_INLINE void box_muller(std::uint32_t* HWY_RESTRICT first, std::uint32_t* HWY_RESTRICT second,
                           float* HWY_RESTRICT cosines, float* HWY_RESTRICT sines) {
  const Lanes d;
  const hn::RebindToSigned<Lanes> signed_words;
  const hn::RebindToUnsigned<Lanes> unsigned_words;
  const auto u1 = to_unit(hn::BitCast(signed_words, hn::Load(unsigned_words, first)));
  const auto u2 = to_unit(hn::BitCast(signed_words, hn::Load(unsigned_words, second)));
  const auto logarithm = hn::Log(d, hn::Max(u1, hn::Set(d, 1.0F / 8589934592.0F)));
  const auto radius = hn::Sqrt(hn::Max(hn::Mul(logarithm, hn::Set(d, -2.0F)), hn::Zero(d)));
  const auto angle = hn::Mul(u2, hn::Set(d, 6.28318530717958648F));
  hn::Store(hn::Mul(radius, hn::Cos(d, angle)), d, cosines);
  hn::Store(hn::Mul(radius, hn::Sin(d, angle)), d, sines);
}

void normal_pairs(const std::uint32_t* words, std::size_t pairs, float* result) {
  constexpr std::size_t width = hn::MaxLanes(Lanes());
  HWY_ALIGN std::uint32_t first[width] = {}, second[width] = {};
  HWY_ALIGN float cosines[width], sines[width];
  for (std::size_t begin = 0; begin < pairs; begin += width) {
    const std::size_t count = std::min(width, pairs - begin);
    for (std::size_t i = 0; i < count; ++i) {
      first[i] = words[2 * (begin + i)];
      second[i] = words[2 * (begin + i) + 1];
    }
    box_muller(first, second, cosines, sines);
    for (std::size_t i = 0; i < count; ++i) {
      result[2 * (begin + i)] = cosines[i];
      result[2 * (begin + i) + 1] = sines[i];
    }
  }
}

}  // namespace tropism::base::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tropism::base {

HWY_EXPORT(words_of_rows);
HWY_EXPORT(normal_pairs);

void philox_words(const PhiloxStream& stream, std::uint64_t first_trajectory, std::size_t rows,
                  std::size_t blocks, std::uint32_t* words) {
  HWY_DYNAMIC_DISPATCH(words_of_rows)(stream, first_trajectory, rows, blocks, words);
}

void normal_of_words(const std::uint32_t* words, std::size_t pairs, float* result) {
  HWY_DYNAMIC_DISPATCH(normal_pairs)(words, pairs, result);
}

}  // namespace tropism::base
#endif
