// SPDX-License-Identifier: MIT
#include <tropism/control/algorithm.hpp>

#include <algorithm>

#include "advantages.hpp"

#include <tropism/control/noised_data.hpp>
#include <tropism/control/policy_gradient.hpp>
#include <tropism/control/q_learning.hpp>
#include <tropism/control/roll_out.hpp>

namespace tropism::control {
namespace {

class QLearningAlgorithm : public Algorithm {
 public:
  QLearningAlgorithm(const AlgorithmConfig& config, const ValueConfig& value, double beta)
      : config_(config), value_(value), beta_(beta) {}

  [[nodiscard]] Losses losses(const Lesson& lesson) const override {
    return q_learning_losses(setting(lesson.episode_number), lesson.environment, lesson.episode,
                             lesson.policy_mean, lesson.value, lesson.batch, lesson.subset);
  }

 private:
  [[nodiscard]] QLearning setting(std::int64_t episode) const {
    const double since = static_cast<double>(episode - value_.warmup);
    const double coupling = since < 0.0 ? 0.0 : std::min(1.0, (since + 1.0) / (value_.ramp + 1.0));
    return {.sampled_update = config_.policy_update == "sampled",
            .martingale_loss = config_.criterion == "martingale-loss",
            .tilted_score = config_.optimum == "tilted-score" || config_.learns_from_data(),
            .monte_carlo = value_.target == "monte-carlo",
            .temperature = config_.temperature,
            .beta = beta_,
            .coupling = coupling,
            .gradient_limit = value_.gradient_limit};
  }

  AlgorithmConfig config_;
  ValueConfig value_;
  double beta_;
};

/// Without a critic the expected update moves mu towards what the score signal says: the score, or
/// with a tilt the tilted score.
class ScoreMatching final : public QLearningAlgorithm {
 public:
  using QLearningAlgorithm::QLearningAlgorithm;

  [[nodiscard]] Episode act(const Environment& environment,
                            const std::vector<PolicyRows>& /*policies*/,
                            const score::ScoreSignal& signal, const reward::Reward& reward,
                            Trajectories trajectories, std::int64_t episode) const override {
    return noised_data(environment, signal, reward, trajectories, episode);
  }
};

/// What policy gradients see of the score: nothing, at no cost.
class NoSignal final : public score::ScoreSignal {
 public:
  [[nodiscard]] score::Observation observe(const torch::Tensor& y, double /*noise_time*/,
                                           score::Draw /*draw*/) const override {
    score::Observation seen;
    seen.score = torch::zeros_like(y);
    seen.effective_sample_size = torch::zeros({y.size(0)});
    return seen;
  }
};

class PolicyGradientAlgorithm final : public Algorithm {
 public:
  PolicyGradientAlgorithm(const AlgorithmConfig& config, double beta)
      : config_(config), beta_(beta) {}

  [[nodiscard]] Episode act(const Environment& environment, const std::vector<PolicyRows>& policies,
                            const score::ScoreSignal& /*signal*/, const reward::Reward& reward,
                            Trajectories trajectories, std::int64_t episode) const override {
    return roll_out(environment, policies, NoSignal(), reward, trajectories, episode);
  }

  [[nodiscard]] Losses losses(const Lesson& lesson) const override {
    const PolicyGradientQuestion question = {lesson.environment, lesson.episode, lesson.advantages,
                                             config_.baseline == "value" ? &lesson.value : nullptr};
    const double kl_weight = config_.name == "dpok" ? config_.kl_weight : 0.0;
    return policy_gradient_losses({config_.clip_range, kl_weight, config_.kl_gradient == "whole"},
                                  question, lesson.policy_mean, lesson.batch, lesson.subset);
  }

  [[nodiscard]] bool wants_advantages() const override { return true; }

  /// ddpo: standardised within each context; dpok: beta h, less its mean unless a network is the
  /// baseline.
  [[nodiscard]] torch::Tensor advantages(const GroupedRewards& batch,
                                         const GroupedRewards& earlier) const override {
    if (config_.name == "ddpo") return standardised(batch, earlier, config_.advantage_limit);
    return (config_.baseline == "value" ? batch.rewards : centred(batch)) * beta_;
  }

 private:
  AlgorithmConfig config_;
  double beta_;
};

}  // namespace

Episode Algorithm::act(const Environment& environment, const std::vector<PolicyRows>& policies,
                       const score::ScoreSignal& signal, const reward::Reward& reward,
                       Trajectories trajectories, std::int64_t episode) const {
  return roll_out(environment, policies, signal, reward, trajectories, episode);
}

torch::Tensor Algorithm::advantages(const GroupedRewards& /*batch*/,
                                    const GroupedRewards& /*earlier*/) const {
  return {};
}

std::shared_ptr<const Algorithm> make_algorithm(const AlgorithmConfig& config,
                                                const ValueConfig& value, double beta) {
  if (config.learns_from_data()) return std::make_shared<ScoreMatching>(config, value, beta);
  if (config.is_policy_gradient()) return std::make_shared<PolicyGradientAlgorithm>(config, beta);
  return std::make_shared<QLearningAlgorithm>(config, value, beta);
}

}  // namespace tropism::control
