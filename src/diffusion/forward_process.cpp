// SPDX-License-Identifier: MIT
#include <tropism/diffusion/forward_process.hpp>

#include <cmath>

#include <tropism/base/config_check.hpp>

#include "variance_exploding.hpp"
#include "variance_preserving.hpp"

namespace tropism::diffusion {
namespace {

std::shared_ptr<const ForwardProcess> process_of_kind(const ProcessConfig& config) {
  const double T = config.terminal_time;
  if (config.kind == "vp-linear")
    return std::make_shared<VpLinear>(LinearRate(T, config.beta_min, config.beta_max));
  if (config.kind == "sub-vp")
    return std::make_shared<SubVp>(LinearRate(T, config.beta_min, config.beta_max));
  if (config.kind == "vp-cosine")
    return std::make_shared<VpCosine>(T, config.cosine_offset, config.cosine_end);
  if (config.kind == "ve")
    return std::make_shared<VarianceExploding>(T, config.sigma_min, config.sigma_max);
  return std::make_shared<OrnsteinUhlenbeck>(T, config.drift, config.diffusion);
}

/// The key that says how much noise there is at T, as a config spells it with its value.
void refuse_end(const ProcessConfig& config, double ratio) {
  const auto refuse = [&](const std::string& key, double value) {
    base::refuse_value("process", key, base::config_text(value),
                       "smaller: v_T/a_T^2 is " + base::config_text(ratio) +
                           ", and float32 needs it to be at most 1e30");
  };
  if (config.kind == "vp-linear" || config.kind == "sub-vp") refuse("beta_max", config.beta_max);
  if (config.kind == "ve") refuse("sigma_max", config.sigma_max);
  refuse(config.kind == "vp-cosine" ? "cosine_end" : "terminal_time",
         config.kind == "vp-cosine" ? config.cosine_end : config.terminal_time);
}

}  // namespace

double ForwardProcess::prior_std() const {
  return std::sqrt(variance(terminal_time_));
}

double ForwardProcess::noise_to_signal(double t) const {
  return std::sqrt(variance(t)) / signal(t);
}

std::shared_ptr<const ForwardProcess> make_process(const ProcessConfig& config) {
  config.validate();
  auto process = process_of_kind(config);
  const double rho = process->noise_to_signal(config.terminal_time);
  if (!(rho * rho <= 1e30)) refuse_end(config, rho * rho);
  return process;
}

}  // namespace tropism::diffusion
