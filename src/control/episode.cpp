// SPDX-License-Identifier: MIT
#include <tropism/control/episode.hpp>

#include <cmath>
#include <string>

#include "recording.hpp"

#include <tropism/base/error.hpp>

namespace tropism::control {
namespace {

torch::Tensor policy_means(const std::vector<PolicyRows>& policies, const torch::Tensor& y,
                           double noise_time) {
  const auto times = torch::full({y.size(0)}, noise_time, y.options());
  if (policies.size() == 1) return policies.front().mean->score(y, times);
  std::vector<torch::Tensor> means = {y.narrow(0, 0, 0)};
  for (const auto& policy : policies)
    means.push_back(policy.mean->score(y.narrow(0, policy.first, policy.count),
                                       times.narrow(0, policy.first, policy.count)));
  return torch::cat(means);
}

/// Before anyone is asked about these states: an estimator might complain of something else.
void check_finite(const torch::Tensor& y, std::int64_t step, std::int64_t first_trajectory,
                  std::int64_t episode) {
  if (std::isfinite(y.sum().item<double>())) return;  // one operation in place of five
  if (y.isfinite().all().item<bool>()) return;
  const auto row = y.isfinite().all(1).logical_not().nonzero()[0].item<std::int64_t>();
  throw base::NumericalError(
      "Episode " + std::to_string(episode) + ": the state of trajectory " +
      std::to_string(first_trajectory + row) + " is not finite at step " + std::to_string(step) +
      ". The policy has diverged: lower [optimizer] learning_rate or [reward] beta, or set "
      "[policy] mean = \"preconditioned\".");
}

}  // namespace

Episode Episode::rows(std::int64_t first, std::int64_t count) const {
  const auto part = [&](const torch::Tensor& t) {
    return t.defined() ? t.narrow(1, first, count) : t;
  };
  Episode result;
  result.states = part(states);
  result.actions = part(actions);
  result.means = part(means);
  result.scores = part(scores);
  result.score_noise = part(score_noise);
  result.log_tilt = part(log_tilt);
  result.tilt_gradient = part(tilt_gradient);
  result.rewards = rewards.narrow(0, first, count);
  result.effective_sample_size = effective_sample_size.narrow(0, first, count);
  return result;
}

Episode roll_out(const Environment& environment, const std::vector<PolicyRows>& policies,
                 const score::ScoreSignal& signal, const reward::Reward& reward,
                 Trajectories trajectories, std::int64_t episode) {
  base::expects(environment.actions == Actions::mean ||
                    environment.simulator->stages() == diffusion::Stages::one,
                "mean actions where a step is made of several");
  const torch::NoGradGuard no_grad;
  const auto& process = *environment.process;
  const auto& grid = environment.grid;
  const std::int64_t batch = trajectories.count, dimension = environment.dimension,
                     first = trajectories.first;
  const base::RandomStream prior(environment.seed, base::Purpose::initial_state);
  const base::RandomStream state_noise(environment.seed, base::Purpose::state_noise);
  const base::RandomStream action_noise(environment.seed, base::Purpose::action_noise);
  Recording recording;
  auto y = prior.normal(first, 0, batch, dimension) * process.prior_std();  // y_0 ~ nu
  recording.arrive(y);
  const auto mean_at = [&](const torch::Tensor& state, double noise_time) {
    return policy_means(policies, state, noise_time);
  };
  const bool noisy = !environment.simulator->is_deterministic();
  const auto stepper = environment.simulator->start(process);
  for (std::int64_t k = 0; k < grid.steps(); ++k) {
    const double noise_time = grid.noise_time(k);
    const auto mean = mean_at(y, noise_time);
    auto action = mean;
    if (environment.actions == Actions::sampled) {
      // a ~ N(mu, theta/(2 g^2) I)
      const double action_std =
          std::sqrt(environment.temperature / (2.0 * process.diffusion_squared(noise_time)));
      action = mean.add(action_noise.normal(first, k, batch, dimension), action_std);
    }
    recording.act(mean, action);
    recording.observe([&] { return signal.observe(y, noise_time, {episode, k}); });
    const auto xi = noisy ? state_noise.normal(first, k, batch, dimension) : torch::Tensor();
    y = stepper->step(grid.step(k), y, action, xi, mean_at);
    check_finite(y, k + 1, first, episode);
    recording.arrive(y);
  }
  auto result = recording.finish();
  result.rewards = reward.evaluate(y);
  return result;
}

}  // namespace tropism::control
