// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace tropism::diffusion {

/// [process]: the forward (noising) process dx = -f x dt + g dB. But for `ornstein-uhlenbeck` the
/// schedules are functions of t/T, and T is no more than the unit of time.
struct ProcessConfig {
  std::string kind = "ornstein-uhlenbeck";  // one of kinds()
  double terminal_time = 3.0;               // T > 0: noise time of the prior
  double drift = 1.0;                       // ornstein-uhlenbeck: f >= 0; 0 = Brownian motion
  double diffusion = 1.4142135623730951;    // ornstein-uhlenbeck: g > 0
  double beta_min = 0.1;                    // vp-linear, sub-vp: beta at 0, > 0
  double beta_max = 20.0;                   // vp-linear, sub-vp: beta at T, >= beta_min
  double cosine_offset = 0.008;             // vp-cosine: s in [0, 1)
  double cosine_end = 0.9946;               // vp-cosine: share of the quarter wave, in (0, 1)
  double sigma_min = 0.01;                  // ve: sigma at 0, > 0
  double sigma_max = 50.0;                  // ve: sigma at T, > sigma_min
  [[nodiscard]] static const std::vector<std::string>& kinds();
  void validate() const;
};

/// [time_grid]: the K steps from noise (T) to data (0).
struct TimeGridConfig {
  std::string kind = "uniform";  // one of kinds()
  int steps = 20;                // K >= 1
  double smallest_time = 1e-3;   // log-snr, karras: where the last step starts, / T, in (0, 1)
  double rho = 7.0;              // karras: > 0
  [[nodiscard]] static const std::vector<std::string>& kinds();
  void validate() const;
};

/// [simulator]: the numerical solver of the controlled reverse process.
struct SimulatorConfig {
  std::string kind = "euler-maruyama";  // one of kinds()
  double eta = 0.0;                     // ddim: share of the ancestral noise, in [0, 1]
  [[nodiscard]] static const std::vector<std::string>& kinds();
  void validate() const;
};

}  // namespace tropism::diffusion
