// SPDX-License-Identifier: MIT
#include <tropism/base/random.hpp>

#include <Random123/philox.h>

#include "random_kernel.hpp"

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

std::int64_t blocks_of(std::int64_t columns) {
  return (columns + 3) / 4;
}

/// Random words as int32 [rows, 4 * blocks]: one Philox block per four columns.
torch::Tensor random_words(const std::uint32_t* key, std::int64_t first_trajectory,
                           std::int64_t step, std::int64_t rows, std::int64_t columns) {
  expects(first_trajectory >= 0 && step >= 0 && rows >= 0 && columns >= 0,
          "trajectory, step, rows and columns are not negative");
  auto words = torch::empty({rows, 4 * blocks_of(columns)}, torch::kInt32);
  philox_words({{key[0], key[1]}, low_word(static_cast<std::uint64_t>(step))},
               static_cast<std::uint64_t>(first_trajectory), static_cast<std::size_t>(rows),
               static_cast<std::size_t>(blocks_of(columns)),
               static_cast<std::uint32_t*>(words.data_ptr()));
  return words;
}

/// 32 bits to the middle of one of 2^32 equal cells of (0, 1).
torch::Tensor to_unit_interval(const torch::Tensor& words) {
  return words.to(torch::kFloat64).add_(2147483648.0 + 0.5).mul_(1.0 / 4294967296.0);
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
  const auto words = random_words(key_, first_trajectory, step, rows, columns);
  auto numbers = torch::empty(words.sizes());
  normal_of_words(static_cast<const std::uint32_t*>(words.data_ptr()),
                  static_cast<std::size_t>(words.numel() / 2), numbers.data_ptr<float>());
  return numbers.size(1) == columns ? numbers : numbers.narrow(1, 0, columns).contiguous();
}

}  // namespace tropism::base
