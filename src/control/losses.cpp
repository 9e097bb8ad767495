// SPDX-License-Identifier: MIT
#include <tropism/control/losses.hpp>

#include <tropism/base/error.hpp>
#include <tropism/network/backward.hpp>

namespace tropism::control {

torch::Tensor StepSubset::of(const torch::Tensor& steps) const {
  return steps.defined() && stride > 1 ? steps.slice(0, first, steps.size(0), stride) : steps;
}

void StepSubset::expect_within(std::int64_t steps) const {
  base::expects(stride >= 1, "a stride of at least one step");
  base::expects(first >= 0 && first < steps, "a first step that the episode has");
}

Loss::Loss(Terms terms, const torch::Tensor& of, double share)
    : terms_(std::move(terms.values)),
      of_(of),
      gradient_(terms.gradient.mul_(share)),
      share_(share) {}

double Loss::value() const {
  return share_ * terms_.sum().item<double>();
}

void Loss::backward() const {
  network::backward({of_}, {gradient_});
}

void Loss::release_graph() {
  of_.reset();
  gradient_.reset();
}

void Losses::backward() const {
  if (!value.defined()) return policy.backward();
  network::backward({policy.of(), value.of()}, {policy.gradient(), value.gradient()});
}

void Losses::release_graphs() {
  policy.release_graph();
  value.release_graph();
}

torch::Tensor Losses::policy_per_trajectory() const {
  return policy.terms().to(torch::kFloat64).sum(0) * scale;
}

torch::Tensor Losses::value_per_trajectory() const {
  return value.defined() ? value.terms().to(torch::kFloat64).sum(0) * scale
                         : torch::zeros({policy.terms().size(1)}, torch::kFloat64);
}

torch::Tensor Losses::policy_norm() const {
  return means.norm(2, 2).to(torch::kFloat64).mean(0);
}

Loss in_sequence(const std::vector<Loss>& steps) {
  if (!steps.front().defined()) return {};
  std::vector<torch::Tensor> terms;
  for (const auto& step : steps) terms.push_back(step.terms_);
  Loss all;
  all.terms_ = torch::cat(terms);
  all.share_ = steps.front().share_;
  return all;
}

Losses in_sequence(const std::vector<Losses>& steps) {
  std::vector<Loss> policy, value;
  std::vector<torch::Tensor> means;
  for (const auto& step : steps) {
    policy.push_back(step.policy);
    value.push_back(step.value);
    means.push_back(step.means);
  }
  Losses all;
  all.policy = in_sequence(policy);
  all.value = in_sequence(value);
  all.means = torch::cat(means);
  all.scale = steps.front().scale;
  return all;
}

}  // namespace tropism::control
