// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace tropism::base {

/// What a stream of random numbers is for. The numbers are part of the file formats: never reuse
/// one.
enum class Purpose : std::uint32_t {
  initial_weights = 1,
  initial_state = 2,
  state_noise = 3,
  action_noise = 4,
  condition = 5,
  estimator_rows = 6,
  synthetic_data = 7,
  evaluation = 8,
  sample_state = 9,
  sample_noise = 10,
  posterior_draw = 16,
  data_row = 17,
};

/// Random numbers named by purpose, never by rank: each value is a pure function of
/// (seed, purpose, trajectory, step, column), by the counter-based Philox4x32-10 of Salmon et al.
/// (SC 2011, Random123). So the number of ranks and the batch size change speed, not results, and a
/// resumed run needs no generator state.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Purpose purpose);

  /// Standard normal numbers, float32 [rows, columns]; row i belongs to `first_trajectory + i`.
  [[nodiscard]] torch::Tensor normal(std::int64_t first_trajectory, std::int64_t step,
                                     std::int64_t rows, std::int64_t columns) const;

  /// Uniform numbers in (0, 1), float64 [rows, columns], of 32 random bits each.
  [[nodiscard]] torch::Tensor uniform(std::int64_t first_trajectory, std::int64_t step,
                                      std::int64_t rows, std::int64_t columns) const;

 private:
  std::uint32_t key_[2];
};

}  // namespace tropism::base
