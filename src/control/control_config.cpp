// SPDX-License-Identifier: MIT
#include <tropism/base/config_check.hpp>
#include <tropism/control/control_config.hpp>

namespace tropism::control {

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
  base::check_one_of("algorithm", "name", name, {"q-learning"});
  base::check_one_of("algorithm", "policy_update", policy_update, {"expected", "sampled"});
  base::check_one_of("algorithm", "actions", actions, {"mean", "sampled"});
  base::check_at_least("algorithm", "updates", updates, 1);
  base::check_positive("algorithm", "temperature", temperature);
  if (policy_update == "sampled" && actions != "sampled") {
    base::refuse_value("algorithm", "actions", base::config_text(actions),
                       "\"sampled\" where policy_update = \"sampled\", which learns from the "
                       "actions that were taken");
  }
}

}  // namespace tropism::control
