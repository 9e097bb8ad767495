// SPDX-License-Identifier: MIT
// The file formats rest on these bits: numbers of RandomStream must never change.
#include <tropism/base/random.hpp>

#include <array>
#include <cstdint>

#include "support/catch.hpp"

namespace {

using Words = std::array<std::uint32_t, 4>;
using Key = std::array<std::uint32_t, 2>;

constexpr std::uint32_t high(std::uint64_t product) {
  return static_cast<std::uint32_t>(product >> 32U);
}
constexpr std::uint32_t low(std::uint64_t product) {
  return static_cast<std::uint32_t>(product);
}

/// Philox4x32-10 written out from Salmon et al., SC 2011, section 3.3.
Words philox(Words counter, Key key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = std::uint64_t{0xD2511F53U} * counter[0];
    const std::uint64_t second = std::uint64_t{0xCD9E8D57U} * counter[2];
    counter = {high(second) ^ counter[1] ^ key[0], low(second), high(first) ^ counter[3] ^ key[1],
               low(first)};
    key = {key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U};
  }
  return counter;
}

/// The word as a signed number, from the lowest one on: the middle of one of 2^32 equal cells.
double to_unit_interval(std::uint32_t word) {
  return ((word ^ 0x80000000U) + 0.5) / 4294967296.0;
}

}  // namespace

TEST_CASE("The reference Philox gives the known answers of Random123") {
  const Words of_zeros = philox({0, 0, 0, 0}, {0, 0});
  const Words of_pi =
      philox({0x243F6A88U, 0x85A308D3U, 0x13198A2EU, 0x03707344U}, {0xA4093822U, 0x299F31D0U});

  CHECK(of_zeros == Words{0x6627E8D5U, 0xE169C58DU, 0xBC57AC4CU, 0x9B00DBD8U});
  CHECK(of_pi == Words{0xD16CFE09U, 0x94FDCCEBU, 0x5001E420U, 0x24126EA1U});
}

TEST_CASE("A stream is Philox keyed by seed and purpose, counting block, step and trajectory") {
  const std::uint64_t seed = 0x123456789ABCDEFULL;
  const std::int64_t trajectory = (std::int64_t{5} << 32) + 7;
  const Words mixed = philox({3, 0, 0, 0}, {low(seed), high(seed)});  // Purpose::state_noise is 3

  const auto u = tropism::base::RandomStream(seed, tropism::base::Purpose::state_noise)
                     .uniform(trajectory, 9, 1, 6);

  const Words first_block = philox({0, 9, 7, 5}, {mixed[0], mixed[1]});
  const Words second_block = philox({1, 9, 7, 5}, {mixed[0], mixed[1]});
  for (int i = 0; i < 6; ++i) {
    const auto column = static_cast<std::size_t>(i);
    const std::uint32_t word = column < 4 ? first_block.at(column) : second_block.at(column - 4);
    CHECK(u[0][i].item<double>() == to_unit_interval(word));
  }
}
