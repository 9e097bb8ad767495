// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <memory>

#include <tropism/comm/row_split.hpp>
#include <tropism/diffusion/forward_process.hpp>
#include <tropism/diffusion/simulator.hpp>
#include <tropism/diffusion/time_grid.hpp>
#include <tropism/score/score_function.hpp>

namespace tropism::sampling {

/// How the last step ends at time 0.
enum class LastStep {
  without_noise,  // leaves out the noise, of sd g sqrt(dt), that nothing takes away again
  with_noise,     // as every other step
};

/// Samples are simulated in blocks of this many, cut at multiples of it: the arithmetic of a sample
/// then depends on neither the number of ranks nor how many samples are asked for at once.
inline constexpr std::int64_t sample_block_rows = 480;

struct Sampler {
  std::shared_ptr<const diffusion::ForwardProcess> process;
  diffusion::TimeGrid grid;
  std::shared_ptr<const diffusion::Simulator> simulator;
  std::int64_t dimension = 1;  // D
  std::uint64_t seed = 1;
  LastStep last_step = LastStep::without_noise;
};

/// The score function of samples [first, first + count): contexts are bound by sample index. It is
/// asked for whole blocks, also where fewer samples are wanted; what the rest sees is thrown away.
using ScoreOf = std::function<std::shared_ptr<const score::ScoreFunction>(comm::RowRange)>;

/// Mean-action sampling: the reverse process of the simulator with the action s(y, tau), from nu =
/// N(0, v_T I) to time 0.
/// The sample of an index depends on (seed, index) and the score function alone.
/// @param range      indices; `first` must be a multiple of sample_block_rows
/// @param finished   told how many samples are done, now and then; may be empty
/// @return           [count, D]
/// @throws NumericalError   if a sample is not finite
[[nodiscard]] torch::Tensor draw_samples(const Sampler& sampler, const ScoreOf& score_of,
                                         comm::RowRange range,
                                         const std::function<void(std::int64_t)>& finished = {});

}  // namespace tropism::sampling
