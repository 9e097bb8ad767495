// SPDX-License-Identifier: MIT
#include <tropism/control/episode.hpp>

#include <chrono>
#include <cmath>
#include <string>

#include <tropism/base/error.hpp>

namespace tropism::control {
namespace {

using Clock = std::chrono::steady_clock;

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

/// Buffers of an episode, filled step by step.
struct Recording {
  Recording(const Environment& environment, std::int64_t batch) {
    const std::int64_t steps = environment.grid.steps(), dimension = environment.dimension;
    episode.states = torch::empty({steps + 1, batch, dimension});
    episode.actions = torch::empty({steps, batch, dimension});
    episode.means = torch::empty({steps, batch, dimension});
    episode.scores = torch::empty({steps, batch, dimension});
    episode.effective_sample_size = torch::zeros({batch});
  }

  void write(std::int64_t k, const score::Observation& seen) {
    episode.scores[k].copy_(seen.score);
    if (seen.score_noise.defined()) {
      if (!episode.score_noise.defined())
        episode.score_noise = torch::empty({episode.scores.size(0), episode.scores.size(1)});
      episode.score_noise[k].copy_(seen.score_noise);
    }
    episode.effective_sample_size += seen.effective_sample_size;
    episode.floor_activations += seen.floor_activations;
    episode.pruned_share = std::max(episode.pruned_share, seen.pruned_share);
    if (!seen.log_tilt.defined()) return;
    if (!episode.log_tilt.defined()) {
      episode.log_tilt = torch::empty({episode.scores.size(0), episode.scores.size(1)});
      episode.tilt_gradient = torch::empty_like(episode.scores);
    }
    episode.log_tilt[k].copy_(seen.log_tilt);
    episode.tilt_gradient[k].copy_(seen.tilt_gradient);
  }

  Episode episode;
};

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
  const torch::NoGradGuard no_grad;
  const auto& process = *environment.process;
  const auto& grid = environment.grid;
  const std::int64_t batch = trajectories.count, dimension = environment.dimension,
                     first = trajectories.first;
  const base::RandomStream prior(environment.seed, base::Purpose::initial_state);
  const base::RandomStream state_noise(environment.seed, base::Purpose::state_noise);
  const base::RandomStream action_noise(environment.seed, base::Purpose::action_noise);
  Recording recording(environment, batch);
  auto& record = recording.episode;
  auto y = prior.normal(first, 0, batch, dimension) * process.prior_std();  // y_0 ~ nu
  record.states[0].copy_(y);
  for (std::int64_t k = 0; k < grid.steps(); ++k) {
    const double noise_time = grid.noise_time(k), dt = grid.step_size(k);
    auto action = policy_means(policies, y, noise_time);
    record.means[k].copy_(action);
    if (environment.actions == Actions::sampled) {
      // a ~ N(mu, theta/(2 g^2) I)
      const double action_std =
          std::sqrt(environment.temperature / (2.0 * process.diffusion_squared(noise_time)));
      action = action + action_noise.normal(first, k, batch, dimension) * action_std;
    }
    const auto start = Clock::now();
    recording.write(k, signal.observe(y, noise_time, {episode, k}));
    record.score_seconds += std::chrono::duration<double>(Clock::now() - start).count();
    record.actions[k].copy_(action);
    y = environment.simulator->step(process, noise_time, dt, y, action,
                                    state_noise.normal(first, k, batch, dimension));
    check_finite(y, k + 1, first, episode);
    record.states[k + 1].copy_(y);
  }
  record.effective_sample_size /= static_cast<double>(grid.steps());
  record.rewards = reward.evaluate(y);
  return std::move(record);
}

}  // namespace tropism::control
