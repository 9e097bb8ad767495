// SPDX-License-Identifier: MIT
#include <tropism/training/trainer.hpp>

#include <algorithm>
#include <cmath>
#include <string>

#include <tropism/base/error.hpp>
#include <tropism/base/memory.hpp>
#include <tropism/comm/collectives.hpp>

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

torch::Tensor trajectory_rows(const control::Episode& episode, const control::Losses& losses) {
  return torch::stack({episode.rewards.to(torch::kFloat64), losses.policy_per_trajectory(),
                       losses.value_per_trajectory(), losses.policy_norm(),
                       episode.effective_sample_size.to(torch::kFloat64)},
                      1);
}

void check_finite(double gradient_norm, std::int64_t episode) {
  if (std::isfinite(gradient_norm)) return;
  throw base::NumericalError(
      "Episode " + std::to_string(episode) +
      ": the gradient of the loss is not finite. Lower [optimizer] learning_rate, or set "
      "[optimizer] clip_norm.");
}

Checkpoint::Named only_policy(Checkpoint::Named tensors) {
  std::erase_if(tensors, [](const auto& entry) { return entry.first.rfind("policy.", 0) != 0; });
  return tensors;
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

Trainer::Trainer(const comm::Communicator& comm, TrainerConfig config,
                 control::Environment environment, std::shared_ptr<control::ActorCritic> networks,
                 std::shared_ptr<const control::Family> family)
    : comm_(comm),
      config_(std::move(config)),
      environment_(std::move(environment)),
      networks_(std::move(networks)),
      family_(std::move(family)),
      parameters_(*networks_),
      adam_(config_.optimizer, networks_->policy_size(), parameters_.size()),
      reducer_(comm, aggregate_of(config_.run), config_.run.reproducible, config_.run.batch),
      average_(parameters_.values().narrow(0, 0, networks_->policy_size()).clone()),
      micro_batch_(config_.run.reproducible ? reproducible_micro_batch : 0),
      rows_(comm::split_rows(config_.run.batch, comm.size(), comm.rank(),
                             std::max<std::int64_t>(micro_batch_, 1))) {}

control::QLearning Trainer::losses_setting() const {
  const auto& value = config_.value;
  const double since = static_cast<double>(episode_ - value.warmup);
  const double coupling = since < 0.0 ? 0.0 : std::min(1.0, (since + 1.0) / (value.ramp + 1.0));
  return {.sampled_update = config_.algorithm.policy_update == "sampled",
          .monte_carlo = value.target == "monte-carlo",
          .temperature = config_.algorithm.temperature,
          .beta = networks_->setting().beta,
          .coupling = coupling,
          .gradient_limit = value.gradient_limit};
}

Trainer::Policies Trainer::bind_policies(control::Trajectories mine) const {
  Policies policies;
  for (const auto& rows : cut(mine.count, micro_batch_)) {
    const auto fields = family_->fields({mine.first + rows.first, rows.count});
    // With several updates none learns from all steps, or with the weights that acted.
    const auto mean =
        config_.algorithm.updates > 1
            ? networks_->policy_mean(fields)
            : networks_->recorded_policy_mean(fields, environment_.grid.steps() * rows.count);
    policies.push_back({rows.first, rows.count, mean});
  }
  return policies;
}

Report Trainer::advance(bool wanted) {
  const control::Trajectories mine = {episode_ * config_.run.batch + rows_.first, rows_.count};
  const auto policies = bind_policies(mine);
  const auto episode = act(mine, policies);
  Report report;
  report.learning_rate = config_.optimizer.learning_rate *
                         rate_factor(config_.optimizer, episode_, config_.run.episodes);
  const std::int64_t updates = config_.algorithm.updates;
  torch::Tensor trajectories;
  for (std::int64_t update = 0; update < updates; ++update) {
    trajectories = learn(episode, mine, policies, {update, updates}, wanted);
    report.gradient_norm = step_weights();
  }
  if (steps_here()) update_average();
  ++episode_;
  if (paranoid) check_same_weights();
  report.step = episode_;
  report.samples_seen = episode_ * config_.run.batch;
  if (wanted) complete(report, episode, trajectories);
  return report;
}

control::Episode Trainer::roll_out(control::Trajectories mine, const Policies& policies) const {
  try {
    const auto signal = family_->signal(mine);
    return control::roll_out(environment_, policies, *signal, *networks_->setting().reward, mine,
                             episode_);
  } catch (const base::NumericalError& error) {
    throw base::NumericalError("Episode " + std::to_string(episode_) + ": " + error.what() +
                               " The policy diverges: lower [optimizer] learning_rate, or set "
                               "[optimizer] clip_norm.");
  }
}

control::Episode Trainer::act(control::Trajectories mine, const Policies& policies) {
  const double score_before = time_.score;
  control::Episode episode;
  {
    const Stopwatch watch(time_.rollout);
    episode = roll_out(mine, policies);
    time_.score += episode.score_seconds;
  }
  time_.rollout -= time_.score - score_before;
  return episode;
}

void Trainer::complete(Report& report, const control::Episode& episode,
                       const torch::Tensor& trajectories) const {
  auto activations = torch::full({1}, episode.floor_activations, torch::kInt64);
  comm::reduce_sum_on_root(comm_, activations);
  report.floor_activations = activations.item<std::int64_t>();
  const double megabytes = static_cast<double>(base::resident_memory().peak) * 1e-6;
  auto largest = torch::tensor({episode.pruned_share, megabytes}, torch::kFloat64);
  comm::all_reduce_max(comm_, largest);
  report.pruned_share = largest[0].item<double>();
  report.peak_memory_megabytes = largest[1].item<double>();
  const auto all = comm::gather_rows_on_root(comm_, trajectories);
  if (comm_.is_root()) summarise_trajectories(all, report);
}

torch::Tensor Trainer::learn(const control::Episode& episode, control::Trajectories mine,
                             const Policies& policies, control::StepSubset subset, bool wanted) {
  const Stopwatch watch(time_.learn);
  std::vector<torch::Tensor> rows_of_parts = {torch::zeros({0, num_columns}, torch::kFloat64)};
  const auto setting = losses_setting();
  for (const auto& policy : policies) {
    const auto fields = family_->fields({mine.first + policy.first, policy.count});
    const auto part = episode.rows(policy.first, policy.count);
    const auto losses =
        control::q_learning_losses(setting, environment_, part, *policy.mean,
                                   *networks_->value_function(fields), config_.run.batch, subset);
    parameters_.gradients().zero_();
    (losses.value.defined() ? losses.policy + losses.value : losses.policy).backward();
    reducer_.add(parameters_.gradients());
    if (wanted) rows_of_parts.push_back(trajectory_rows(part, losses));
  }
  return torch::cat(rows_of_parts);
}

bool Trainer::steps_here() const {
  return comm_.is_root() || aggregate_of(config_.run) == Aggregate::on_all;
}

double Trainer::step_weights() {
  const torch::NoGradGuard no_grad;
  const Stopwatch watch(time_.reduce);
  const auto gradients = reducer_.finish(parameters_.size());
  double norm = 0.0;
  if (steps_here()) {
    norm = gradients.norm().item<double>();
    check_finite(norm, episode_);
    adam_.step(parameters_.values(), gradients,
               rate_factor(config_.optimizer, episode_, config_.run.episodes));
  }
  if (aggregate_of(config_.run) == Aggregate::on_root) comm::broadcast(comm_, parameters_.values());
  return norm;
}

void Trainer::update_average() {
  const torch::NoGradGuard no_grad;
  // min(decay, (1 + n)/(10 + n)): early weights are forgotten fast
  const auto n = static_cast<double>(episode_);
  const double decay = std::min(config_.average.decay, (1.0 + n) / (10.0 + n));
  average_.lerp_(parameters_.values().narrow(0, 0, average_.size(0)), 1.0 - decay);
}

void Trainer::use_average() {
  const torch::NoGradGuard no_grad;
  comm::broadcast(comm_, average_);
  parameters_.values().narrow(0, 0, average_.size(0)).copy_(average_);
}

void Trainer::check_same_weights() const {
  if (comm::same_on_all_ranks(comm_, parameters_.values())) return;
  throw base::NumericalError(
      "Episode " + std::to_string(episode_) +
      ": the ranks no longer hold the same weights. This is a fault of the machine or of "
      "Tropism, not of the config; resume from the last checkpoint.");
}

void Trainer::fill(Checkpoint& checkpoint) const {
  const auto rest =
      parameters_.values().narrow(0, average_.size(0), parameters_.size() - average_.size(0));
  checkpoint.step = episode_;
  checkpoint.optimizer_steps = adam_.steps;
  checkpoint.samples_seen = episode_ * config_.run.batch;
  checkpoint.parameters = parameters_.named(parameters_.values());
  checkpoint.policy_average = only_policy(parameters_.named(torch::cat({average_, rest})));
  checkpoint.first_moment = parameters_.named(adam_.first_moment);
  checkpoint.second_moment = parameters_.named(adam_.second_moment);
}

void Trainer::load(const Checkpoint& checkpoint) {
  const torch::NoGradGuard no_grad;
  const std::string what = "The checkpoint of episode " + std::to_string(checkpoint.step);
  auto averages = parameters_.values().clone();
  copy_by_name(checkpoint.parameters, parameters_.named(parameters_.values()), what);
  copy_by_name(checkpoint.first_moment, parameters_.named(adam_.first_moment), what);
  copy_by_name(checkpoint.second_moment, parameters_.named(adam_.second_moment), what);
  copy_by_name(checkpoint.policy_average, only_policy(parameters_.named(averages)), what);
  average_.copy_(averages.narrow(0, 0, average_.size(0)));
  episode_ = checkpoint.step;
  adam_.steps = checkpoint.optimizer_steps;
}

void Trainer::spread() {
  const torch::NoGradGuard no_grad;
  auto counts = torch::tensor({episode_, adam_.steps}, torch::kInt64);
  comm::broadcast(comm_, counts);
  for (auto* tensor : {&parameters_.values(), &adam_.first_moment, &adam_.second_moment, &average_})
    comm::broadcast(comm_, *tensor);
  episode_ = counts[0].item<std::int64_t>();
  adam_.steps = counts[1].item<std::int64_t>();
}

}  // namespace tropism::training
