// SPDX-License-Identifier: MIT
#include <tropism/base/random.hpp>

#include <Random123/philox.h>

#include <algorithm>
#include <vector>

#include "random_kernel.hpp"

#include <tropism/base/error.hpp>
#include <tropism/base/unwritten.hpp>

namespace tropism::base {
namespace {

using Philox = r123::Philox4x32;

constexpr std::size_t blocks_at_once = 512;  // 8 KiB of words

constexpr std::uint32_t low_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
constexpr std::uint32_t high_word(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32U);
}

std::int64_t blocks_of(std::int64_t columns) {
  return (columns + 3) / 4;
}

void expect_valid(std::int64_t first_trajectory, std::int64_t step, std::int64_t rows,
                  std::int64_t columns) {
  expects(first_trajectory >= 0 && step >= 0 && rows >= 0 && columns >= 0,
          "trajectory, step, rows and columns are not negative");
}

PhiloxStream stream_of(const std::uint32_t* key, std::int64_t step) {
  return {{key[0], key[1]}, low_word(static_cast<std::uint64_t>(step))};
}

/// The first `to` of every `from` numbers of each row, to the front.
template <class Number>
void pack_rows(Number* numbers, std::size_t rows, std::size_t from, std::size_t to) {
  if (from == to) return;
  for (std::size_t row = 1; row < rows; ++row)
    std::copy_n(numbers + row * from, to, numbers + row * to);
}

/// A thread's memory for a while, which it keeps for the next time.
template <class Number>
Number* scratch(std::size_t count) {
  thread_local std::vector<Number> numbers;
  if (numbers.size() < count) numbers.resize(count);
  return numbers.data();
}

/// Normal numbers of a few rows at a time: words and numbers that no column asks for never leave
/// the first-level cache.
class NormalPiece {
 public:
  NormalPiece(PhiloxStream stream, std::size_t columns)
      : stream_(stream),
        columns_(columns),
        blocks_((columns + 3) / 4),
        used_((columns + 1) / 2 * 2),
        most_rows_(std::max<std::size_t>(1, blocks_at_once / std::max<std::size_t>(1, blocks_))),
        words_(scratch<std::uint32_t>(most_rows_ * 4 * blocks_)),
        normals_(scratch<float>(most_rows_ * used_)) {}

  [[nodiscard]] std::size_t most_rows() const { return most_rows_; }

  void write(std::uint64_t first_trajectory, std::size_t rows, float* numbers) {
    write_words(first_trajectory, rows);
    if (used_ == columns_) return normal_of_words(words_, rows * used_ / 2, numbers);
    normal_of_words(words_, rows * used_ / 2, normals_);
    pack_rows(normals_, rows, used_, columns_);
    std::copy_n(normals_, rows * columns_, numbers);
  }

 private:
  void write_words(std::uint64_t first_trajectory, std::size_t rows) {
    if (used_ == 2) return philox_pairs(stream_, first_trajectory, rows, words_);
    philox_words(stream_, first_trajectory, rows, blocks_, words_);
    pack_rows(words_, rows, 4 * blocks_, used_);
  }

  PhiloxStream stream_;
  std::size_t columns_, blocks_, used_, most_rows_;  // used_: columns of whole pairs
  std::uint32_t* words_;
  float* normals_;
};

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
  expect_valid(first_trajectory, step, rows, columns);
  const std::int64_t blocks = blocks_of(columns);
  const auto words = unwritten({rows, 4 * blocks}, torch::kInt32);
  philox_words(stream_of(key_, step), static_cast<std::uint64_t>(first_trajectory),
               static_cast<std::size_t>(rows), static_cast<std::size_t>(blocks),
               static_cast<std::uint32_t*>(words.data_ptr()));
  return to_unit_interval(words.narrow(1, 0, columns));
}

torch::Tensor RandomStream::normal(std::int64_t first_trajectory, std::int64_t step,
                                   std::int64_t rows, std::int64_t columns) const {
  expect_valid(first_trajectory, step, rows, columns);
  auto numbers = unwritten({rows, columns});
  const auto all = static_cast<std::size_t>(rows), width = static_cast<std::size_t>(columns);
  NormalPiece piece(stream_of(key_, step), width);
  for (std::size_t first = 0; first < all; first += piece.most_rows())
    piece.write(static_cast<std::uint64_t>(first_trajectory) + first,
                std::min(piece.most_rows(), all - first),
                numbers.data_ptr<float>() + first * width);
  return numbers;
}

}  // namespace tropism::base
