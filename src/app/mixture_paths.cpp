// SPDX-License-Identifier: MIT
#include "mixture_paths.hpp"

#include <tropism/base/random.hpp>

namespace tropism::app {

torch::Tensor draw_variance(const score::GaussianMixture& mixture, const torch::Tensor& y,
                            double signal, double variance) {
  const auto m = mixture.means.view({1, -1}), s = mixture.variances.unsqueeze(0);
  const auto v = s * (signal * signal) + variance;            // of y, by component
  const auto deviation = y.to(torch::kFloat64) - m * signal;  // [N, components]
  const auto share =
      (mixture.weights.log() - 0.5 * v.log() - 0.5 * deviation.square() / v).softmax(1);
  // Given y and the component, x_0 is N(m + (a s/v_k)(y - a m), s v/v_k).
  const auto mean = m + deviation * (s * signal / v);
  const auto second = s * variance / v + mean.square();
  const auto covariance = (share * second).sum(1) - (share * mean).sum(1).square();
  return covariance * (signal * signal / (variance * variance));
}

WeightedSamples sample_paths(const sampling::Sampler& sampler,
                             const score::GaussianMixture& mixture, comm::RowRange range) {
  const auto& process = *sampler.process;
  const auto& grid = sampler.grid;
  const score::MixtureScore score(sampler.process, mixture);
  const base::RandomStream prior(sampler.seed, base::Purpose::sample_state);
  const base::RandomStream noise(sampler.seed, base::Purpose::sample_noise);
  auto y = prior.normal(range.first, 0, range.count, 1) * process.prior_std();
  auto log_weights = torch::zeros({range.count}, torch::kFloat64);
  const auto action_at = [&](const torch::Tensor& state, double noise_time) {
    return score.score(state, torch::full({range.count}, noise_time, torch::kFloat64));
  };
  const auto stepper = sampler.simulator->start(process);
  for (std::int64_t k = 0; k < grid.steps(); ++k) {
    const double t = grid.noise_time(k), dt = grid.step_size(k);
    // -(1/2) g^2 V_1 dt
    log_weights -= draw_variance(mixture, y, process.signal(t), process.variance(t)) *
                   (0.5 * process.diffusion_squared(t) * dt);
    const auto xi =
        k + 1 < grid.steps() ? noise.normal(range.first, k, range.count, 1) : torch::Tensor();
    y = stepper->step(grid.step(k), y, action_at(y, t), xi, action_at);
  }
  return {y, log_weights};
}

}  // namespace tropism::app
