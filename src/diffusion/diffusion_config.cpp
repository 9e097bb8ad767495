// SPDX-License-Identifier: MIT
#include <algorithm>

#include <tropism/base/config_check.hpp>
#include <tropism/base/nearest_name.hpp>
#include <tropism/diffusion/diffusion_config.hpp>

namespace tropism::diffusion {
namespace {

using Kinds = std::vector<std::string>;

void check_greater(const std::string& section, const std::string& key, double value,
                   const std::string& other_key, double other) {
  base::check_positive(section, key, value);
  if (value > other) return;
  base::refuse_value(section, key, base::config_text(value),
                     "greater than " + other_key + " = " + base::config_text(other));
}

/// In (0, 1).
void check_inside(const std::string& section, const std::string& key, double value) {
  if (value > 0.0 && value < 1.0) return;
  base::refuse_value(section, key, base::config_text(value),
                     "a number greater than 0 and less than 1");
}

/// A key that has a meaning with some kinds only keeps its default with the others.
class KeysOfKinds {
 public:
  KeysOfKinds(std::string section, std::string kind)
      : section_(std::move(section)), kind_(std::move(kind)) {}

  void check(const std::string& key, double value, double unset, const Kinds& kinds) const {
    if (value == unset || std::find(kinds.begin(), kinds.end(), kind_) != kinds.end()) return;
    base::refuse_value(section_, key, base::config_text(value),
                       "left at " + base::config_text(unset) +
                           " with kind = " + base::config_text(kind_) + "; it belongs to " +
                           base::join_choices(kinds) + " alone");
  }

 private:
  std::string section_, kind_;
};

}  // namespace

const Kinds& ProcessConfig::kinds() {
  static const Kinds names = {"ornstein-uhlenbeck", "vp-linear", "vp-cosine", "ve", "sub-vp"};
  return names;
}

void ProcessConfig::validate() const {
  const std::string section = "process";
  base::check_one_of(section, "kind", kind, kinds());
  base::check_positive(section, "terminal_time", terminal_time);
  base::check_not_negative(section, "drift", drift);
  base::check_positive(section, "diffusion", diffusion);
  base::check_positive(section, "beta_min", beta_min);
  if (beta_max != beta_min) check_greater(section, "beta_max", beta_max, "beta_min", beta_min);
  base::check_fraction(section, "cosine_offset", cosine_offset);
  check_inside(section, "cosine_end", cosine_end);
  base::check_positive(section, "sigma_min", sigma_min);
  check_greater(section, "sigma_max", sigma_max, "sigma_min", sigma_min);
  const ProcessConfig unset;
  const KeysOfKinds keys(section, kind);
  keys.check("drift", drift, unset.drift, {"ornstein-uhlenbeck"});
  keys.check("diffusion", diffusion, unset.diffusion, {"ornstein-uhlenbeck"});
  keys.check("beta_min", beta_min, unset.beta_min, {"vp-linear", "sub-vp"});
  keys.check("beta_max", beta_max, unset.beta_max, {"vp-linear", "sub-vp"});
  keys.check("cosine_offset", cosine_offset, unset.cosine_offset, {"vp-cosine"});
  keys.check("cosine_end", cosine_end, unset.cosine_end, {"vp-cosine"});
  keys.check("sigma_min", sigma_min, unset.sigma_min, {"ve"});
  keys.check("sigma_max", sigma_max, unset.sigma_max, {"ve"});
}

const Kinds& TimeGridConfig::kinds() {
  static const Kinds names = {"uniform", "log-snr", "karras"};
  return names;
}

void TimeGridConfig::validate() const {
  base::check_one_of("time_grid", "kind", kind, kinds());
  base::check_at_least("time_grid", "steps", steps, 1);
  check_inside("time_grid", "smallest_time", smallest_time);
  base::check_positive("time_grid", "rho", rho);
}

const Kinds& SimulatorConfig::kinds() {
  static const Kinds names = {"euler-maruyama", "exponential",    "ode-euler", "ddim",
                              "heun",           "dpm-solver++2m", "deis"};
  return names;
}

void SimulatorConfig::validate() const {
  base::check_one_of("simulator", "kind", kind, kinds());
  if (!(eta >= 0.0 && eta <= 1.0))
    base::refuse_value("simulator", "eta", base::config_text(eta), "a number from 0 to 1");
  KeysOfKinds("simulator", kind).check("eta", eta, SimulatorConfig().eta, {"ddim"});
}

}  // namespace tropism::diffusion
