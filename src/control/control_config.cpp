// SPDX-License-Identifier: MIT
#include <tropism/base/config_check.hpp>
#include <tropism/control/control_config.hpp>

#include <algorithm>

namespace tropism::control {
namespace {

/// What the ways to learn by q-learning ask of each other.
void check_q_learning(const AlgorithmConfig& config) {
  if (config.criterion == "martingale-loss" &&
      (config.policy_update != "sampled" || config.updates > 1))
    base::refuse_value(
        "algorithm", "criterion", base::config_text(config.criterion),
        "\"orthogonality\" unless policy_update = \"sampled\" and updates = 1: the loss "
        "is of the actions that were taken, at all steps at once");
  if (config.optimum == "tilted-score" &&
      (config.name != "q-learning" || config.policy_update != "expected"))
    base::refuse_value("algorithm", "optimum", base::config_text(config.optimum),
                       "\"solver\" unless name = \"q-learning\" and policy_update = "
                       "\"expected\": score matching aims at the tilted score by itself, and what "
                       "drawn actions earn is of the solver that they act in");
  if (config.is_online() &&
      (config.name != "q-learning" || config.criterion != "orthogonality" || config.updates != 0))
    base::refuse_value("algorithm", "learning", base::config_text(config.learning),
                       "\"offline\" unless name = \"q-learning\", criterion = \"orthogonality\" "
                       "and updates = 0: online, each time step is learned from once, before the "
                       "next one is taken");
}

/// What belongs to one algorithm alone.
void check_own_settings(const AlgorithmConfig& config) {
  if (config.reward_buffer > 0 && config.name != "ddpo")
    base::refuse_value("algorithm", "reward_buffer",
                       base::config_text(std::int64_t{config.reward_buffer}),
                       "0 unless name = \"ddpo\", which alone standardises rewards");
  if (config.name == "dpok" && config.pretrained.empty())
    base::refuse_value("algorithm", "pretrained", base::config_text(config.pretrained),
                       "a checkpoint where name = \"dpok\", which stays near that policy");
}

void check_actions(const AlgorithmConfig& config) {
  if (config.name != "q-learning" &&
      (config.policy_update != "expected" || config.actions != "mean"))
    base::refuse_value("algorithm", "policy_update", base::config_text(config.policy_update),
                       "\"expected\", with actions = \"mean\", where name is not \"q-learning\": "
                       "there are no action draws to learn from");
  if (config.policy_update == "sampled" && config.actions != "sampled") {
    base::refuse_value("algorithm", "actions", base::config_text(config.actions),
                       "\"sampled\" where policy_update = \"sampled\", which learns from the "
                       "actions that were taken");
  }
}

}  // namespace

void PolicyConfig::validate() const {
  base::check_one_of("policy", "network", network, {"mlp"});
  mlp.validate("policy");
  base::check_one_of("policy", "mean", mean, {"plain", "preconditioned"});
}

void ValueConfig::validate() const {
  base::check_one_of("value", "network", network, {"mlp", "none"});
  mlp.validate("value");
  base::check_one_of("value", "form", form, {"plain", "skip", "data"});
  base::check_one_of("value", "inputs", inputs, {"normalised", "raw"});
  base::check_one_of("value", "target", target, {"monte-carlo", "temporal-difference"});
  base::check_at_least("value", "warmup", warmup, 0);
  base::check_at_least("value", "ramp", ramp, 0);
  base::check_not_negative("value", "gradient_limit", gradient_limit);
  if (network == "none" && form != "data") {
    base::refuse_value("value", "form", base::config_text(form),
                       "\"data\" where network = \"none\", for else there is no critic at all");
  }
}

void AlgorithmConfig::validate() const {
  base::check_one_of("algorithm", "name", name,
                     {"q-learning", "score-matching", "weighted-score-matching", "ddpo", "dpok"});
  base::check_one_of("algorithm", "policy_update", policy_update, {"expected", "sampled"});
  base::check_one_of("algorithm", "criterion", criterion, {"orthogonality", "martingale-loss"});
  base::check_one_of("algorithm", "optimum", optimum, {"solver", "tilted-score"});
  base::check_one_of("algorithm", "learning", learning, {"offline", "online"});
  base::check_one_of("algorithm", "actions", actions, {"mean", "sampled"});
  base::check_at_least("algorithm", "updates", updates, 0);
  base::check_positive("algorithm", "temperature", temperature);
  base::check_not_negative("algorithm", "clip_range", clip_range);
  base::check_positive("algorithm", "advantage_limit", advantage_limit);
  base::check_at_least("algorithm", "reward_buffer", reward_buffer, 0);
  base::check_not_negative("algorithm", "kl_weight", kl_weight);
  base::check_one_of("algorithm", "kl_gradient", kl_gradient, {"whole", "step"});
  base::check_one_of("algorithm", "baseline", baseline, {"batch-mean", "value"});
  check_q_learning(*this);
  check_own_settings(*this);
  check_actions(*this);
}

bool AlgorithmConfig::learns_from_data() const {
  return name == "score-matching" || name == "weighted-score-matching";
}

bool AlgorithmConfig::is_policy_gradient() const {
  return name == "ddpo" || name == "dpok";
}

bool AlgorithmConfig::is_online() const {
  return learning == "online";
}

int AlgorithmConfig::updates_for(int steps) const {
  if (is_online()) return steps;
  if (updates > 0) return updates;
  return policy_update == "sampled" ? 1 : std::min(10, steps);
}

}  // namespace tropism::control
