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

/// An episode, step by step.
class Recording {
 public:
  void act(const torch::Tensor& mean, const torch::Tensor& action) {
    means_.push_back(mean);
    actions_.push_back(action);
  }
  void arrive(const torch::Tensor& state) { states_.push_back(state); }

  void observe(const score::Observation& seen) {
    scores_.push_back(seen.score);
    // step by step: a mean over a stack would round differently with other numbers of columns
    if (sample_size_.defined())
      sample_size_ += seen.effective_sample_size;
    else
      sample_size_ = seen.effective_sample_size.clone();
    if (seen.score_noise.defined()) score_noise_.push_back(seen.score_noise);
    episode_.floor_activations += seen.floor_activations;
    episode_.pruned_share = std::max(episode_.pruned_share, seen.pruned_share);
    if (!seen.log_tilt.defined()) return;
    log_tilts_.push_back(seen.log_tilt);
    tilt_gradients_.push_back(seen.tilt_gradient);
  }

  Episode finish(Actions actions) {
    episode_.states = torch::stack(states_);
    episode_.means = torch::stack(means_);
    episode_.actions = actions == Actions::sampled ? torch::stack(actions_) : episode_.means;
    episode_.scores = torch::stack(scores_);
    episode_.effective_sample_size = sample_size_ / static_cast<double>(scores_.size());
    if (!score_noise_.empty()) episode_.score_noise = torch::stack(score_noise_);
    if (log_tilts_.empty()) return std::move(episode_);
    episode_.log_tilt = torch::stack(log_tilts_);
    episode_.tilt_gradient = torch::stack(tilt_gradients_);
    return std::move(episode_);
  }

 private:
  Episode episode_;
  std::vector<torch::Tensor> states_, actions_, means_, scores_, score_noise_, log_tilts_,
      tilt_gradients_;
  torch::Tensor sample_size_;
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
  double score_seconds = 0.0;
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
    const auto start = Clock::now();
    recording.observe(signal.observe(y, noise_time, {episode, k}));
    score_seconds += std::chrono::duration<double>(Clock::now() - start).count();
    const auto xi = noisy ? state_noise.normal(first, k, batch, dimension) : torch::Tensor();
    y = stepper->step(grid.step(k), y, action, xi, mean_at);
    check_finite(y, k + 1, first, episode);
    recording.arrive(y);
  }
  auto result = recording.finish(environment.actions);
  result.score_seconds = score_seconds;
  result.rewards = reward.evaluate(y);
  return result;
}

}  // namespace tropism::control
