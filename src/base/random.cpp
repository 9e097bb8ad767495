// SPDX-License-Identifier: MIT
#include <tropism/base/random.hpp>

#include <Random123/philox.h>

#include <numbers>

#include <tropism/base/error.hpp>

namespace tropism::base {
namespace {

using Philox = r123::Philox4x32;

constexpr std::uint32_t low_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
constexpr std::uint32_t high_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32U);
}

/// Random words as int64 [rows, 4 * blocks]: one Philox block per four columns.
/// Counter: (column block, step, low and high word of the trajectory).
torch::Tensor random_words(const std::uint32_t* key_words, std::int64_t first_trajectory,
                           std::int64_t step, std::int64_t rows, std::int64_t columns) {
  expects(first_trajectory >= 0 && step >= 0 && rows >= 0 && columns >= 0,
          "trajectory, step, rows and columns are not negative");
  const std::int64_t blocks = (columns + 3) / 4;
  auto words = torch::empty({rows, 4 * blocks}, torch::kInt32);
  auto* out = static_cast<std::uint32_t*>(words.data_ptr());
  const Philox::key_type key = {{key_words[0], key_words[1]}};
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto trajectory = static_cast<std::uint64_t>(first_trajectory + row);
    for (std::int64_t block = 0; block < blocks; ++block, out += 4) {
      const Philox::ctr_type counter = {{low_word(static_cast<std::uint64_t>(block)),
                                         low_word(static_cast<std::uint64_t>(step)),
                                         low_word(trajectory), high_word(trajectory)}};
      const auto random = Philox()(counter, key);
      std::copy(random.v, random.v + 4, out);
    }
  }
  return words;
}

/// 32 bits to the middle of one of 2^32 equal cells of (0, 1).
torch::Tensor to_unit_interval(const torch::Tensor& words) {
  return (words.to(torch::kFloat64) + (2147483648.0 + 0.5)) * (1.0 / 4294967296.0);
}

}  // namespace

RandomStream::RandomStream(std::uint64_t seed, Purpose purpose) {
  const Philox::key_type seed_key = {{low_word(seed), high_word(seed)}};
  const Philox::ctr_type purpose_counter = {{static_cast<std::uint32_t>(purpose), 0, 0, 0}};
  const auto mixed = Philox()(purpose_counter, seed_key);
  key_[0] = mixed.v[0];
  key_[1] = mixed.v[1];
}

torch::Tensor RandomStream::uniform(std::int64_t first_trajectory, std::int64_t step,
                                    std::int64_t rows, std::int64_t columns) const {
  const auto words = random_words(key_, first_trajectory, step, rows, columns);
  return to_unit_interval(words.narrow(1, 0, columns));
}

torch::Tensor RandomStream::normal(std::int64_t first_trajectory, std::int64_t step,
                                   std::int64_t rows, std::int64_t columns) const {
  // Box-Muller: (u1, u2) -> sqrt(-2 log u1) (cos 2 pi u2, sin 2 pi u2), in float32 with u1 in (0,
  // 1].
  const auto words = random_words(key_, first_trajectory, step, rows, columns)
                         .view({rows, (columns + 3) / 4, 2, 2});
  const auto unit = (words.to(torch::kFloat32) + 2147483648.0F) * (1.0F / 4294967296.0F);
  const auto radius =
      unit.select(3, 0).clamp_min(1.0F / 8589934592.0F).log_().mul_(-2.0F).clamp_min_(0.0F).sqrt_();
  const auto angle = unit.select(3, 1) * (2.0F * std::numbers::pi_v<float>);
  const auto pairs = torch::stack({radius * angle.cos(), radius * angle.sin()}, 3);
  return pairs.view({rows, words.size(1) * 4}).narrow(1, 0, columns).contiguous();
}

}  // namespace tropism::base
