// SPDX-License-Identifier: MIT
#include <tropism/sampling/sampler.hpp>

#include <algorithm>
#include <string>

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>
#include <tropism/base/random.hpp>

namespace tropism::sampling {
namespace {

bool is_noisy(const Sampler& sampler, std::int64_t step) {
  if (sampler.simulator->is_deterministic()) return false;
  return step + 1 < sampler.grid.steps() || sampler.last_step == LastStep::with_noise;
}

torch::Tensor draw_block(const Sampler& sampler, const score::ScoreFunction& score,
                         comm::RowRange range) {
  const base::RandomStream prior(sampler.seed, base::Purpose::sample_state);
  const base::RandomStream noise(sampler.seed, base::Purpose::sample_noise);
  const auto& grid = sampler.grid;
  auto y =
      prior.normal(range.first, 0, range.count, sampler.dimension) * sampler.process->prior_std();
  const auto action_at = [&](const torch::Tensor& state, double noise_time) {
    return score.score(state, score::time_of_all(state, noise_time));
  };
  const auto stepper = sampler.simulator->start(*sampler.process);
  for (std::int64_t k = 0; k < grid.steps(); ++k) {
    const auto xi = is_noisy(sampler, k)
                        ? noise.normal(range.first, k, range.count, sampler.dimension)
                        : torch::Tensor();
    const auto action = action_at(y, grid.noise_time(k));
    y = stepper->step(grid.step(k), y, action, xi, action_at);
  }
  return y;
}

void check_finite(const torch::Tensor& samples, std::int64_t first) {
  if (base::all_finite(samples)) return;
  const auto row = samples.isfinite().all(1).logical_not().nonzero()[0].item<std::int64_t>();
  throw base::NumericalError(
      "Sample " + std::to_string(first + row) +
      " is not finite: the policy diverges from this start. Train longer, or sample with the "
      "time grid that the model was trained with.");
}

}  // namespace

torch::Tensor draw_samples(const Sampler& sampler, const ScoreOf& score_of, comm::RowRange range,
                           const std::function<void(std::int64_t)>& finished) {
  const torch::NoGradGuard no_grad;
  base::expects(range.count == 0 || range.first % sample_block_rows == 0,
                "a first index that is a multiple of the block");
  auto samples = torch::empty({range.count, sampler.dimension});
  for (std::int64_t done = 0; done < range.count; done += sample_block_rows) {
    // Matrix products round differently for other numbers of rows: the last block is whole as well.
    const comm::RowRange block = {range.first + done, sample_block_rows};
    const std::int64_t wanted = std::min(sample_block_rows, range.count - done);
    const auto drawn = draw_block(sampler, *score_of(block), block).narrow(0, 0, wanted);
    check_finite(drawn, block.first);
    samples.narrow(0, done, wanted).copy_(drawn);
    if (finished) finished(done + wanted);
  }
  return samples;
}

}  // namespace tropism::sampling
