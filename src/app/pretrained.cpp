// SPDX-License-Identifier: MIT
#include "pretrained.hpp"

#include <cmath>

#include <tropism/base/config_check.hpp>
#include <tropism/base/error.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/training/checkpoint.hpp>

#include "experiment.hpp"

namespace tropism::app {
namespace {

[[noreturn]] void refuse(const Config& config, const std::string& allowed) {
  base::refuse_value("algorithm", "pretrained", base::config_text(config.algorithm.pretrained),
                     allowed);
}

bool near(const torch::Tensor& a, const torch::Tensor& b) {
  return a.sizes() == b.sizes() &&
         torch::allclose(a.to(torch::kFloat64), b.to(torch::kFloat64), 1e-6, 1e-6);
}

/// Scores live in the scaled units of the data: those of other units mean something else.
bool same_units(const training::DataSummary& a, const training::DataSummary& b) {
  return near(a.scaling.offset, b.scaling.offset) && near(a.scaling.factor, b.scaling.factor) &&
         near(a.moments.mean, b.moments.mean) &&
         std::abs(a.moments.variance - b.moments.variance) <= 1e-6 * a.moments.variance;
}

void check(const Config& config, const training::Checkpoint& checkpoint,
           const training::DataSummary& summary) {
  const auto of = parse_config(checkpoint.config, config.algorithm.pretrained + ":/config");
  if (of.policy.mean != config.policy.mean ||
      of.policy.mlp.activation != config.policy.mlp.activation)
    refuse(config,
           "a checkpoint with the same [policy] mean and activation: its policy has mean = " +
               base::config_text(of.policy.mean) +
               " and activation = " + base::config_text(of.policy.mlp.activation));
  if (of.context.kind != config.context.kind)
    refuse(config, "a checkpoint with the same [context] kind: it has " +
                       base::config_text(of.context.kind));
  if (of.policy.mean == "preconditioned" && !same_units(checkpoint.data, summary))
    refuse(config,
           "a checkpoint of the same data: mean and scale of those it was trained on differ");
}

std::shared_ptr<const control::ActorCritic> load(const Config& config,
                                                 const training::DataSummary& summary,
                                                 torch::Device device) {
  const auto checkpoint = training::load_checkpoint(config.algorithm.pretrained);
  check(config, checkpoint, summary);
  const auto networks = make_model(config, summary, device).networks;
  training::Checkpoint::Named to;
  for (const auto& parameter : networks->policy().named_parameters())
    to.emplace_back("policy." + parameter.key(), parameter.value());
  const torch::NoGradGuard no_grad;
  training::copy_by_name(checkpoint.policy_average, to,
                         "[algorithm] pretrained = \"" + config.algorithm.pretrained + "\"");
  for (const auto& parameter : to) parameter.second.set_requires_grad(false);
  return networks;
}

}  // namespace

std::shared_ptr<const control::ActorCritic> load_pretrained(const Config& config,
                                                            const comm::Communicator& comm,
                                                            const training::DataSummary& summary,
                                                            torch::Device device) {
  if (config.algorithm.pretrained.empty()) return nullptr;
  return comm::together(comm, [&] { return load(config, summary, device); });
}

}  // namespace tropism::app
