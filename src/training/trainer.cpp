// SPDX-License-Identifier: MIT
#include <tropism/training/trainer.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/control/roll_out.hpp>

namespace tropism::training {
namespace {

#ifdef TROPISM_PARANOID
constexpr bool paranoid = true;  // weights are compared after every episode
#else
constexpr bool paranoid = false;
#endif

/// Adds the time until its end to a counter.
class Stopwatch {
 public:
  explicit Stopwatch(double& seconds) : seconds_(seconds), start_(Clock::now()) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() { seconds_ += std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  double& seconds_;
  Clock::time_point start_;
};

Aggregate aggregate_of(const RunConfig& run) {
  return run.aggregate == "all" ? Aggregate::on_all : Aggregate::on_root;
}

/// Undefined stays undefined.
torch::Tensor rows_of(const torch::Tensor& advantages, const control::PolicyRows& policy) {
  return advantages.defined() ? advantages.narrow(0, policy.first, policy.count) : advantages;
}

[[noreturn]] void throw_diverged(std::int64_t episode) {
  throw Diverged(
      "Episode " + std::to_string(episode) +
      ": the gradient of the loss or a weight is not finite. Lower [optimizer] learning_rate, or "
      "set [optimizer] clip_norm.");
}

/// [first, first + count) cut at multiples of `size`, counted from the start of the range; 0 =
/// uncut.
std::vector<comm::RowRange> cut(std::int64_t count, std::int64_t size) {
  std::vector<comm::RowRange> ranges;
  const std::int64_t step = size > 0 ? size : count;
  for (std::int64_t first = 0; first < count; first += step)
    ranges.push_back({first, std::min(step, count - first)});
  return ranges;
}

}  // namespace

bool all_ranks_know(const base::NumericalError& error, const comm::Communicator& comm) {
  return comm.size() == 1 || dynamic_cast<const Diverged*>(&error) != nullptr;
}

Trainer::Trainer(const comm::Communicator& comm, TrainerConfig config,
                 control::Environment environment, std::shared_ptr<control::ActorCritic> networks,
                 std::shared_ptr<const control::Family> family,
                 std::shared_ptr<const control::ActorCritic> pretrained)
    : comm_(comm),
      config_(std::move(config)),
      environment_(std::move(environment)),
      networks_(std::move(networks)),
      family_(std::move(family)),
      pretrained_(std::move(pretrained)),
      algorithm_(
          control::make_algorithm(config_.algorithm, config_.value, networks_->setting().beta)),
      parameters_(*networks_),
      adam_(config_.optimizer, networks_->policy_size(), parameters_.size()),
      reducer_(comm, aggregate_of(config_.run), config_.run.reproducible, config_.run.batch),
      average_(parameters_.values().narrow(0, 0, networks_->policy_size()).clone()),
      micro_batch_(config_.run.reproducible ? reproducible_micro_batch : 0),
      rows_(comm::split_rows(config_.run.batch, comm.size(), comm.rank(),
                             std::max<std::int64_t>(micro_batch_, 1))) {
  if (pretrained_) start_as_pretrained();
}

std::int64_t Trainer::updates() const {
  return config_.algorithm.updates_for(static_cast<int>(environment_.grid.steps()));
}

Trainer::Bound Trainer::bind(control::Trajectories mine) const {
  Bound bound;
  for (const auto& rows : cut(mine.count, micro_batch_)) {
    const auto fields = family_->fields({mine.first + rows.first, rows.count});
    // With several updates none learns from all steps, or with the weights that acted.
    const auto mean = updates() > 1 ? networks_->policy_mean(fields)
                                    : networks_->recorded_policy_mean(
                                          fields, environment_.grid.steps() * rows.count);
    bound.policies.push_back({rows.first, rows.count, mean});
    bound.values.push_back(networks_->value_function(fields));
  }
  return bound;
}

/// This rank's trajectories of the episode.
control::Trajectories Trainer::mine() const {
  return {episode_ * config_.run.batch + rows_.first, rows_.count};
}

Report Trainer::advance(bool wanted) {
  const auto bound = bind(mine());
  const auto outcome = config_.algorithm.is_online() ? learn_online(mine(), bound, wanted)
                                                     : learn_offline(mine(), bound, wanted);
  Report report;
  report.learning_rate = config_.optimizer.learning_rate *
                         rate_factor(config_.optimizer, episode_, config_.run.episodes);
  report.gradient_norm = outcome.gradient_norm;
  if (steps_here()) update_average();
  ++episode_;
  if (paranoid) check_same_weights();
  report.step = episode_;
  report.samples_seen = episode_ * config_.run.batch;
  if (wanted) complete(report, outcome, bound.policies);
  return report;
}

Trainer::Outcome Trainer::learn_offline(control::Trajectories mine, const Bound& bound,
                                        bool wanted) {
  Outcome outcome;
  const auto signal = family_->signal(mine);
  simulate(*signal, [&] {
    outcome.episode = algorithm_->act(environment_, bound.policies, *signal,
                                      *networks_->setting().reward, mine, episode_);
  });
  note_score_time(outcome.episode);
  outcome.episode.reference_means = reference_means(outcome.episode, mine, bound.policies);
  outcome.advantages = advantages(outcome.episode.rewards, mine);
  for (std::int64_t update = 0; update < updates(); ++update) {
    outcome.losses = learn(outcome.episode, outcome.advantages, bound, {update, updates()}, wanted);
    outcome.gradient_norm = step_weights();
  }
  return outcome;
}

Trainer::Outcome Trainer::learn_online(control::Trajectories mine, const Bound& bound,
                                       bool wanted) {
  Outcome outcome;
  const auto signal = family_->signal(mine);
  control::RollOut roll_out(environment_, bound.policies, *signal, *networks_->setting().reward,
                            mine, episode_);
  std::vector<std::vector<control::Losses>> steps_of_parts(wanted ? bound.policies.size() : 0);
  while (!roll_out.is_over()) {
    simulate(*signal, [&] { roll_out.advance(); });
    const auto losses = learn(roll_out.take_step(), {}, bound, {}, wanted);
    outcome.gradient_norm = step_weights();
    for (std::size_t i = 0; i < losses.size(); ++i) {
      steps_of_parts[i].push_back(losses[i]);
      auto& means = steps_of_parts[i].back().means;
      means = means.norm(2, 2, true);  // |mu|, all that is reported of them
    }
  }
  for (const auto& steps : steps_of_parts) outcome.losses.push_back(control::in_sequence(steps));
  outcome.episode = roll_out.finish();
  note_score_time(outcome.episode);
  return outcome;
}

void Trainer::simulate(const score::ScoreSignal& signal, const std::function<void()>& simulation) {
  const Stopwatch watch(time_.rollout);
  try {
    simulation();
  } catch (const base::NumericalError& error) {
    const auto message = "Episode " + std::to_string(episode_) + ": " + error.what() +
                         " The policy diverges: lower [optimizer] learning_rate or [reward] beta, "
                         "or set [optimizer] clip_norm or [policy] mean = \"preconditioned\".";
    const bool alone = comm_.size() == 1;
    if (!alone && signal.is_collective()) throw base::NumericalError(message);
    if (!alone) diverge_with_all();
    throw Diverged(message);
  }
}

/// What the other ranks wait for from this one, whose states are not finite: numbers by which they
/// know.
void Trainer::diverge_with_all() {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  (void)advantages(torch::full({rows_.count}, nan), mine());
  try {
    reducer_.add(torch::full_like(parameters_.gradients(), nan));
    step_weights();
  } catch (const Diverged&) {  // on all ranks
  }
}

/// The score signal's share of what `simulate` took.
void Trainer::note_score_time(const control::Episode& episode) {
  time_.score += episode.score_seconds;
  time_.rollout -= episode.score_seconds;
}

/// Undefined unless the losses are policy gradients from a pretrained policy.
torch::Tensor Trainer::reference_means(const control::Episode& episode, control::Trajectories mine,
                                       Policies parts) {
  if (!pretrained_ || !config_.algorithm.is_policy_gradient()) return {};
  const Stopwatch watch(time_.learn);
  for (auto& part : parts)
    part.mean = pretrained_->policy_mean(family_->fields({mine.first + part.first, part.count}));
  return control::means_along(environment_, episode, parts);
}

torch::Tensor Trainer::advantages(const torch::Tensor& rewards, control::Trajectories mine) {
  if (!algorithm_->wants_advantages()) return {};
  const control::GroupedRewards batch = {comm::all_gather_rows(comm_, rewards),
                                         comm::all_gather_rows(comm_, family_->groups(mine))};
  const auto all = algorithm_->advantages(batch, earlier_rewards_);
  if (config_.algorithm.reward_buffer > 0)
    earlier_rewards_ = control::latest_of_each_group(control::joined(earlier_rewards_, batch),
                                                     config_.algorithm.reward_buffer);
  return all.narrow(0, rows_.first, rows_.count);
}

Trainer::LossesOfParts Trainer::learn(const control::Episode& episode,
                                      const torch::Tensor& advantages, const Bound& bound,
                                      control::StepSubset subset, bool wanted) {
  const Stopwatch watch(time_.learn);
  LossesOfParts losses_of_parts;
  for (std::size_t i = 0; i < bound.policies.size(); ++i) {
    const auto& policy = bound.policies[i];
    const auto part = episode.rows(policy.first, policy.count);
    auto losses = algorithm_->losses({environment_, part, rows_of(advantages, policy), *policy.mean,
                                      *bound.values[i], config_.run.batch, episode_, subset});
    parameters_.gradients().zero_();
    losses.backward();
    reducer_.add(parameters_.gradients());
    losses.release_graphs();
    if (wanted) losses_of_parts.push_back(std::move(losses));
  }
  return losses_of_parts;
}

bool Trainer::steps_here() const {
  return comm_.is_root() || aggregate_of(config_.run) == Aggregate::on_all;
}

double Trainer::step_weights() {
  const torch::NoGradGuard no_grad;
  const Stopwatch watch(time_.reduce);
  const auto gradients = reducer_.finish(parameters_.size());
  const double norm = steps_here() ? gradients.norm().item<double>() : 0.0;
  if (steps_here() && std::isfinite(norm))
    adam_.step(parameters_.values(), gradients,
               rate_factor(config_.optimizer, episode_, config_.run.episodes));
  if (aggregate_of(config_.run) == Aggregate::on_root)
    spread_values(norm);
  else if (!std::isfinite(norm))
    throw_diverged(episode_);
  return norm;
}

/// From rank 0 to all; in the place of weights whose gradient was not finite its norm. All ranks
/// judge the same numbers, so that either everyone goes on or nobody.
void Trainer::spread_values(double norm) {
  auto values =
      std::isfinite(norm) ? parameters_.values() : torch::full_like(parameters_.values(), norm);
  comm::broadcast(comm_, values);
  if (!base::all_finite(values)) throw_diverged(episode_);
}

}  // namespace tropism::training
