// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tropism::diffusion {

/// [process]: the forward (noising) process.
struct ProcessConfig {
  std::string kind = "ornstein-uhlenbeck";  // the only kind so far
  double terminal_time = 3.0;               // T > 0: noise time of the prior
  double drift = 1.0;                       // f > 0: dx = -f x dt + g dB
  double diffusion = 1.4142135623730951;    // g > 0
  void validate() const;
};

/// [time_grid]: the K steps from noise (T) to data (0).
struct TimeGridConfig {
  std::string kind = "uniform";  // the only kind so far
  int steps = 20;                // K >= 1
  void validate() const;
};

/// [simulator]: the numerical solver of the controlled reverse SDE.
struct SimulatorConfig {
  std::string kind = "euler-maruyama";  // the only kind so far
  void validate() const;
};

}  // namespace tropism::diffusion
