// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <vector>

namespace tropism::app {

/// What is known of an indicator reward before any beta has been tried: its mean at beta = 0, and
/// how fast log(r/(1-r)) grows with beta in the exact optimum: 1/2 for the tilt p_0 e^{beta h/2} of
/// q-learning (D3), 1 for DPOK's e^{beta h}.
struct BetaGuess {
  double reward = 0.5;       // in (0, 1)
  double slope = 0.5;        // > 0
  bool is_measured = false;  // the reward was seen of a model, not only of the data it should have
};

/// Looks for the beta whose training reaches a wanted mean reward of an indicator, by secants of
/// log(r/(1-r)), which is linear in beta where training is exact.
class BetaSearch {
 public:
  struct Trial {
    double beta, reward;
  };

  /// @param wanted   in (0, 1)
  BetaSearch(double wanted, const BetaGuess& guess);

  /// The beta to try next, >= 0; never one that was tried before unless it is 0.
  [[nodiscard]] double next() const;
  void add(const Trial& trial) { trials_.push_back(trial); }
  /// Whether a trial is within the tolerance.
  [[nodiscard]] bool reached(double tolerance) const;
  /// Whether no beta reaches the wanted reward as it seems: there is more of it at 0, or it moved
  /// by less than the tolerance when beta was last doubled or more.
  [[nodiscard]] bool in_vain(double tolerance) const;
  /// Whether the wanted reward lies between two betas that differ by less than would matter in the
  /// exact optimum: by twice the tolerance. What is left is chance in training.
  [[nodiscard]] bool is_left_to_chance(double tolerance) const;
  /// The place of the trial nearest to the wanted reward. @pre one was added
  [[nodiscard]] std::size_t nearest() const;
  [[nodiscard]] const std::vector<Trial>& trials() const { return trials_; }

 private:
  [[nodiscard]] bool doubts_guess() const;
  [[nodiscard]] Trial below() const;
  [[nodiscard]] std::optional<Trial> above() const;

  double wanted_;
  BetaGuess guess_;
  std::vector<Trial> trials_;
};

}  // namespace tropism::app
