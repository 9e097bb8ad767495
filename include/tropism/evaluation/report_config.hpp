// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tropism/evaluation/batches.hpp>
#include <tropism/evaluation/divergence.hpp>
#include <tropism/reward/reward.hpp>

namespace tropism::evaluation {

/// What a report can hold besides counts and moments: reward, kl, mmd, energy, sliced-wasserstein,
/// labels, memorisation.
[[nodiscard]] const std::vector<std::string>& metric_names();

struct ReportConfig {
  reward::RewardConfig
      reward;  // kind none: no rewards; beta > 0: the exact tilt of the data as well
  std::vector<std::string> metrics = metric_names();
  std::int64_t neighbours = 1;    // k of the divergence, >= 1
  std::string kl_form = "plain";  // plain | bias-reduced
  Batches batches;                // of more than `neighbours` rows
  std::int64_t directions = 128;  // of the sliced Wasserstein distance, >= 1
  std::int64_t seed = 1;          // of the directions, >= 0

  /// @throws ConfigError
  void validate() const;
  [[nodiscard]] bool wants(const std::string& metric) const;
  [[nodiscard]] DivergenceForm divergence_form() const;
};

}  // namespace tropism::evaluation
