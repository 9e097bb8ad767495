// SPDX-License-Identifier: MIT
#include <tropism/control/noised_data.hpp>

#include <cmath>

#include "recording.hpp"

namespace tropism::control {

Episode noised_data(const Environment& environment, const score::ScoreSignal& signal,
                    const reward::Reward& reward, Trajectories trajectories, std::int64_t episode) {
  const torch::NoGradGuard no_grad;
  const auto& process = *environment.process;
  const base::RandomStream noise(environment.seed, base::Purpose::state_noise);
  Recording recording;
  torch::Tensor x_0;
  for (std::int64_t k = 0; k < environment.grid.steps(); ++k) {
    const double noise_time = environment.grid.noise_time(k);
    x_0 = signal.draw_data({episode, k});
    const auto xi = noise.normal(trajectories.first, k, trajectories.count, environment.dimension);
    // y = a x_0 + sqrt(v) xi
    const auto y = x_0 * process.signal(noise_time) + xi * std::sqrt(process.variance(noise_time));
    recording.arrive(y);
    recording.observe([&] { return signal.observe(y, noise_time, {episode, k}); });
  }
  recording.arrive(x_0);
  auto result = recording.finish();
  result.rewards = reward.evaluate(x_0);
  return result;
}

}  // namespace tropism::control
