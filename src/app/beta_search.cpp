// SPDX-License-Identifier: MIT
#include "beta_search.hpp"

#include <algorithm>
#include <cmath>

#include <tropism/base/error.hpp>

namespace tropism::app {
namespace {

constexpr double least_reward = 1e-3;  // a mean of samples may be 0 or 1
constexpr double widest_step = 3.0;    // times the largest beta so far, while all fall short
constexpr double narrowest_step = 1.3;
constexpr double wide_raise = 2.0;       // should be seen in the reward
constexpr double surprising_rise = 1.5;  // of log(r/(1-r)), over what was asked for

double logit(double reward) {
  const double r = std::clamp(reward, least_reward, 1.0 - least_reward);
  return std::log(r / (1.0 - r));
}

}  // namespace

BetaSearch::BetaSearch(double wanted, const BetaGuess& guess) : wanted_(wanted), guess_(guess) {
  base::expects(wanted > 0.0 && wanted < 1.0, "a wanted mean reward between 0 and 1");
  base::expects(guess.slope > 0.0, "a slope > 0");
}

/// The largest beta with too little reward; without one the guess at 0.
BetaSearch::Trial BetaSearch::below() const {
  Trial found = {0.0, guess_.reward};
  for (const auto& trial : trials_)
    if (trial.reward < wanted_ && trial.beta >= found.beta) found = trial;
  return found;
}

/// The smallest beta with too much reward, above all with too little.
std::optional<BetaSearch::Trial> BetaSearch::above() const {
  std::optional<Trial> found;
  for (const auto& trial : trials_)
    if (trial.reward >= wanted_ && trial.beta > below().beta &&
        (!found || trial.beta < found->beta))
      found = trial;
  return found;
}

/// Whether 0 should be tried for want of a measured reward there: all betas gave too much, and
/// there were two, or the reward rose by half as much again as it should have.
bool BetaSearch::doubts_guess() const {
  const bool all_above = std::all_of(trials_.begin(), trials_.end(), [&](const auto& t) {
    return t.beta > 0.0 && t.reward >= wanted_;
  });
  if (guess_.is_measured || trials_.empty() || !all_above) return false;
  const double asked = logit(wanted_) - logit(guess_.reward);
  const double got = logit(trials_.back().reward) - logit(guess_.reward);
  return trials_.size() > 1 || got > surprising_rise * asked;
}

double BetaSearch::next() const {
  if (doubts_guess()) return 0.0;
  const auto low = below();
  const double missing = logit(wanted_) - logit(low.reward);
  if (missing <= 0.0) return 0.0;  // the model has the reward by itself
  if (const auto high = above()) {
    const double share = missing / (logit(high->reward) - logit(low.reward));
    return low.beta + std::clamp(share, 0.1, 0.9) * (high->beta - low.beta);
  }
  if (low.beta == 0.0) return missing / guess_.slope;
  const double slope = (logit(low.reward) - logit(guess_.reward)) / low.beta;
  const double wide = widest_step * low.beta;
  if (slope <= 0.0) return wide;
  return std::clamp(low.beta + missing / slope, narrowest_step * low.beta, wide);
}

std::size_t BetaSearch::nearest() const {
  base::expects(!trials_.empty(), "a trial");
  const auto distance = [&](const Trial& trial) { return std::abs(trial.reward - wanted_); };
  const auto found =
      std::min_element(trials_.begin(), trials_.end(),
                       [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  return static_cast<std::size_t>(found - trials_.begin());
}

bool BetaSearch::in_vain(double tolerance) const {
  if (trials_.empty()) return false;
  const auto& last = trials_.back();
  if (last.beta == 0.0) return last.reward >= wanted_;  // less than nothing cannot be asked for
  if (trials_.size() < 2 || last.reward >= wanted_) return false;
  const auto& before = trials_[trials_.size() - 2];
  const bool raised = before.beta > 0.0 && last.beta >= wide_raise * before.beta;
  return raised && std::abs(last.reward - before.reward) < tolerance;
}

bool BetaSearch::is_left_to_chance(double tolerance) const {
  const auto high = above();
  if (!high) return false;
  const double steepness = guess_.slope * wanted_ * (1.0 - wanted_);  // dr/dbeta
  return steepness * (high->beta - below().beta) <= 2.0 * tolerance;
}

bool BetaSearch::reached(double tolerance) const {
  return !trials_.empty() && std::abs(trials_[nearest()].reward - wanted_) <= tolerance;
}

}  // namespace tropism::app
