// SPDX-License-Identifier: MIT
#include <tropism/control/roll_out.hpp>

#include <cmath>
#include <string>

#include "policy_means.hpp"
#include "recording.hpp"

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>

namespace tropism::control {
namespace {

/// Before anyone is asked about these states: an estimator might complain of something else.
void check_finite(const torch::Tensor& y, std::int64_t step, std::int64_t first_trajectory) {
  if (base::all_finite(y)) return;
  const auto row = y.isfinite().all(1).logical_not().nonzero()[0].item<std::int64_t>();
  throw base::NumericalError("The state of trajectory " + std::to_string(first_trajectory + row) +
                             " is not finite at step " + std::to_string(step) + ".");
}

}  // namespace

RollOut::RollOut(const Environment& environment, const std::vector<PolicyRows>& policies,
                 const score::ScoreSignal& signal, const reward::Reward& reward,
                 Trajectories trajectories, std::int64_t episode)
    : environment_(environment),
      policies_(policies),
      signal_(signal),
      reward_(reward),
      trajectories_(trajectories),
      episode_(episode),
      stepper_(environment.simulator->start(*environment.process)),
      recording_(std::make_unique<Recording>()) {
  base::expects(environment.actions == Actions::mean ||
                    environment.simulator->stages() == diffusion::Stages::one,
                "mean actions where a step is made of several");
  const base::RandomStream prior(environment.seed, base::Purpose::initial_state);
  y_ = prior.normal(trajectories.first, 0, trajectories.count, environment.dimension) *
       environment.process->prior_std();  // y_0 ~ nu
  recording_->arrive(y_);
}

RollOut::~RollOut() = default;

torch::Tensor RollOut::mean_at(const torch::Tensor& y, double noise_time) const {
  return policy_means(policies_, y, noise_time);
}

// a ~ N(mu, theta/(2 g^2) I), or mu
torch::Tensor RollOut::action_of(const torch::Tensor& mean, double noise_time) const {
  if (environment_.actions == Actions::mean) return mean;
  const base::RandomStream noise(environment_.seed, base::Purpose::action_noise);
  const double action_std = std::sqrt(environment_.temperature /
                                      (2.0 * environment_.process->diffusion_squared(noise_time)));
  const auto xi = noise.normal(trajectories_.first, step_, mean.size(0), mean.size(1));
  return base::linear_combination({{1.0, mean}, {action_std, xi}});
}

void RollOut::observe() {
  recording_->observe([&] {
    return signal_.observe(y_, environment_.grid.noise_time(step_), {episode_, step_});
  });
}

void RollOut::move(const torch::Tensor& action) {
  const base::RandomStream noise(environment_.seed, base::Purpose::state_noise);
  const auto xi = environment_.simulator->is_deterministic()
                      ? torch::Tensor()
                      : noise.normal(trajectories_.first, step_, y_.size(0), y_.size(1));
  const auto action_at = [this](const torch::Tensor& y, double noise_time) {
    return mean_at(y, noise_time);
  };
  y_ = stepper_->step(environment_.grid.step(step_), y_, action, xi, action_at);
  ++step_;
  check_finite(y_, step_, trajectories_.first);
  recording_->arrive(y_);
}

void RollOut::advance() {
  const torch::NoGradGuard no_grad;
  if (step_ == 0) observe();
  const double noise_time = environment_.grid.noise_time(step_);
  const auto mean = mean_at(y_, noise_time), action = action_of(mean, noise_time);
  recording_->act(mean, action);
  move(action);
  if (!is_over()) observe();
}

Episode RollOut::take_step() {
  const torch::NoGradGuard no_grad;
  auto result = recording_->take_step();
  if (result.first_step + 1 == environment_.grid.steps()) result.rewards = reward_.evaluate(y_);
  return result;
}

Episode RollOut::finish() {
  const torch::NoGradGuard no_grad;
  auto result = recording_->finish();
  result.rewards = reward_.evaluate(y_);
  return result;
}

Episode roll_out(const Environment& environment, const std::vector<PolicyRows>& policies,
                 const score::ScoreSignal& signal, const reward::Reward& reward,
                 Trajectories trajectories, std::int64_t episode) {
  RollOut trip(environment, policies, signal, reward, trajectories, episode);
  while (!trip.is_over()) trip.advance();
  return trip.finish();
}

}  // namespace tropism::control
