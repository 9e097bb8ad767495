// SPDX-License-Identifier: MIT
// What a trainer keeps between episodes: averages, checkpoints, the same weights on every rank.
#include <algorithm>
#include <string>

#include "adam_step.hpp"

#include <tropism/base/error.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/training/trainer.hpp>

namespace tropism::training {
namespace {

Checkpoint::Named only_policy(Checkpoint::Named tensors) {
  std::erase_if(tensors, [](const auto& entry) { return entry.first.rfind("policy.", 0) != 0; });
  return tensors;
}

}  // namespace

void Trainer::start_as_pretrained() {
  const torch::NoGradGuard no_grad;
  const auto from = pretrained_->policy().parameters(), to = networks_->policy().parameters();
  base::expects(from.size() == to.size(), "a pretrained policy of as many layers");
  for (std::size_t i = 0; i < to.size(); ++i) {
    auto parameter = to[i];  // shares its numbers
    parameter.copy_(from[i]);
  }
  average_.copy_(parameters_.values().narrow(0, 0, average_.size(0)));
}

void Trainer::update_average() {
  // min(decay, (1 + n)/(10 + n)): early weights are forgotten fast
  const auto n = static_cast<double>(episode_);
  const double decay = std::min(config_.average.decay, (1.0 + n) / (10.0 + n));
  move_average(static_cast<float>(1.0 - decay), parameters_.values().data_ptr<float>(),
               average_.size(0), average_.data_ptr<float>());
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
  checkpoint.earlier_rewards = earlier_rewards_;
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
  earlier_rewards_ = checkpoint.earlier_rewards;
  episode_ = checkpoint.step;
  adam_.steps = checkpoint.optimizer_steps;
}

void Trainer::spread_earlier_rewards() {
  auto count = torch::full({1}, earlier_rewards_.groups.size(0), torch::kInt64);
  comm::broadcast(comm_, count);
  earlier_rewards_.rewards.resize_(count.item<std::int64_t>());
  earlier_rewards_.groups.resize_(count.item<std::int64_t>());
  comm::broadcast(comm_, earlier_rewards_.rewards);
  comm::broadcast(comm_, earlier_rewards_.groups);
}

void Trainer::spread() {
  const torch::NoGradGuard no_grad;
  auto counts = torch::tensor({episode_, adam_.steps}, torch::kInt64);
  comm::broadcast(comm_, counts);
  for (auto* tensor : {&parameters_.values(), &adam_.first_moment, &adam_.second_moment, &average_})
    comm::broadcast(comm_, *tensor);
  spread_earlier_rewards();
  episode_ = counts[0].item<std::int64_t>();
  adam_.steps = counts[1].item<std::int64_t>();
}

}  // namespace tropism::training
