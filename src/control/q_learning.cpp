// SPDX-License-Identifier: MIT
#include <tropism/control/q_learning.hpp>

#include <cmath>
#include <numbers>

#include "gains.hpp"
#include "steps.hpp"

#include <tropism/base/elementwise.hpp>
#include <tropism/base/error.hpp>

namespace tropism::control {
namespace {

/// (theta D/2) log(pi theta/g^2) dt: the part of -q dt that no action changes, [K, 1].
torch::Tensor entropy_of(const Steps& steps, double temperature, std::int64_t dimension) {
  const double factor = 0.5 * temperature * static_cast<double>(dimension);
  auto entropy = torch::empty_like(steps.dt);
  const auto *g_squared = steps.g_squared.data_ptr<float>(), *dt = steps.dt.data_ptr<float>();
  auto* of_step = entropy.data_ptr<float>();
  for (std::int64_t k = 0; k < entropy.numel(); ++k)
    of_step[k] = static_cast<float>(
        std::log(std::numbers::pi * temperature / static_cast<double>(g_squared[k])) *
        static_cast<double>(dt[k]) * factor);
  return entropy;
}

/// [K, B, ...] as [K B, ...]
torch::Tensor flat(const torch::Tensor& t) {
  return t.defined() ? t.flatten(0, 1) : t;
}

/// v with its norm limited.
torch::Tensor limited(const torch::Tensor& v, double limit) {
  if (limit <= 0.0) return v;
  return v * (limit / v.norm(2, 1, true).clamp_min(1e-30)).clamp_max(1.0);
}

/// (c/2) J_y as it enters the policy, [K B, D], or undefined where nothing does. Of the Hamiltonian
/// -g^2 |s - a|^2 + [f y + c g^2 a] J_y the best action is s + (c/2) J_y: c = 1 for the SDE, 1/2
/// for the ODE.
torch::Tensor pull(const QLearning& setting, double c, const ValueAnswer& answer) {
  torch::Tensor sum = answer.half_gradient_known;
  if (answer.half_gradient_learned.defined()) {
    const auto learned =
        limited(answer.half_gradient_learned, setting.gradient_limit) * setting.coupling;
    sum = sum.defined() ? sum + learned : learned;
  }
  return sum.defined() && c != 1.0 ? sum * c : sum;
}

/// beta h + sum_{k >= i} gain_k, [K, B].
torch::Tensor gains_to_come(const torch::Tensor& gains, const torch::Tensor& terminal) {
  return gains.flip(0).cumsum(0).flip(0) + terminal;
}

/// One call's losses, step by step of MATH's derivation.
class LossesOfEpisode {
 public:
  LossesOfEpisode(const QLearning& setting, const Environment& environment, const Episode& episode,
                  const ValueFunction& value, StepSubset subset)
      : setting_(setting),
        episode_(episode),
        value_(value),
        subset_(subset),
        score_share_(setting.tilted_score ? 1.0 : environment.simulator->score_share()),
        steps_(steps_of(environment, episode)),
        entropy_(entropy_of(steps_, setting.temperature, environment.dimension)) {
    weight_ = steps_.g_squared * steps_.dt;  // g^2 dt
    terminal_ = terminal_value(environment);
    if (!value.holds_entropy()) entropy_.zero_();
  }

  Losses compute(const score::ScoreFunction& policy_mean, std::int64_t batch) {
    const auto scores = chosen(episode_.scores);
    const std::int64_t K = scores.size(0), B = scores.size(1);
    const auto y = flat(chosen_states());
    const auto noise_time = repeated_each(chosen(steps_.noise_time), B);
    said_by_policy_ = policy_mean.score(y, noise_time).view({K, B, -1});
    mu_ = said_by_policy_.detach();
    const bool gradient = !setting_.sampled_update && setting_.coupling > 0.0;
    answer_ = value_.evaluate(
        {y, noise_time, flat(chosen(episode_.log_tilt)), flat(chosen(episode_.tilt_gradient))},
        gradient ? Gradient::wanted : Gradient::not_wanted);
    said_by_value_ = answer_.value.view({K, B});
    J_ = said_by_value_.detach();
    Terms policy, value;
    {
      const torch::NoGradGuard no_grad;  // the gradients are formulas
      policy = policy_terms();
      if (value_.has_network()) value = value_terms();
    }
    return sum(policy, value, batch);
  }

 private:
  [[nodiscard]] torch::Tensor chosen(const torch::Tensor& t) const { return subset_.of(t); }

  [[nodiscard]] torch::Tensor chosen_states() const {
    return chosen(episode_.states.narrow(0, 0, episode_.scores.size(0)));
  }

  [[nodiscard]] GainTerms all_steps() const {
    return {episode_.scores, episode_.actions, episode_.score_noise, weight_, entropy_};
  }

  [[nodiscard]] GainTerms chosen_steps() const {
    return {chosen(episode_.scores), chosen(episode_.actions), chosen(episode_.score_noise),
            chosen(weight_), chosen(entropy_)};
  }

  /// The means that were played; without a record of them, today's, which are then of all steps.
  [[nodiscard]] torch::Tensor means() const {
    return episode_.means.defined() ? episode_.means : mu_;
  }
  [[nodiscard]] torch::Tensor chosen_means() const {
    return episode_.means.defined() ? chosen(episode_.means) : mu_;
  }

  [[nodiscard]] Terms policy_terms() {
    if (setting_.martingale_loss) return martingale_terms();
    return setting_.sampled_update ? sampled_terms() : expected_terms(chosen(episode_.scores));
  }

  /// What the martingale loss squares: beta h + sum_{k >= i} gain_k - J_i.
  [[nodiscard]] torch::Tensor martingale_errors() const {
    return gains_to_come(gains(all_steps(), true, mu_), terminal_) - J_;
  }

  /// G_i^2 dt; mu_k is in every G_i with i <= k, by -2 g^2 dt (a_k - mu_k).
  [[nodiscard]] Terms martingale_terms() const {
    const auto G = martingale_errors();
    const auto before = (G * steps_.dt).cumsum(0);
    return {G.square().mul_(steps_.dt),
            row_multiples(mu_, episode_.actions, (before * weight_).mul_(4.0))};
  }

  /// G_i^2 with J held constant; in mu_i its gradient is -4 g^2 dt (a_i - mu_i) G_i.
  [[nodiscard]] Terms sampled_terms() {
    G_ = step_errors(mu_);
    return {G_.square(),
            row_multiples(mu_, chosen(episode_.actions), (G_ * chosen(weight_)).mul_(4.0))};
  }

  /// g^2 dt |mu - (s_hat + (c/2) J_y)|^2
  [[nodiscard]] Terms expected_terms(const torch::Tensor& scores) const {
    const auto added = pull(setting_, score_share_, answer_);
    const auto target = added.defined() ? scores + added.view_as(scores) : scores;
    const auto difference = mu_ - target;
    const auto weight = chosen(weight_);
    return {row_products(difference, difference).mul_(weight),
            difference * (weight * 2.0).unsqueeze(2)};
  }

  /// J_{i+1} at the chosen steps: the next value held constant, beta h at the end, [K, B].
  [[nodiscard]] torch::Tensor next_values() const {
    const auto all = subset_.stride == 1 ? J_ : all_values();
    return chosen(torch::cat({all.narrow(0, 1, all.size(0) - 1), terminal_.unsqueeze(0)}));
  }

  [[nodiscard]] torch::Tensor all_values() const {
    const torch::NoGradGuard no_grad;
    const std::int64_t K = episode_.scores.size(0), B = episode_.scores.size(1);
    const ValueQuery query = {flat(episode_.states.narrow(0, 0, K)),
                              repeated_each(steps_.noise_time, B), flat(episode_.log_tilt),
                              flat(episode_.tilt_gradient)};
    return value_.evaluate(query, Gradient::not_wanted).value.view({K, B});
  }

  /// beta h at the end of the last step, or J where the steps stop before that, [B].
  [[nodiscard]] torch::Tensor terminal_value(const Environment& environment) const {
    if (episode_.rewards.defined()) return episode_.rewards * setting_.beta;
    const torch::NoGradGuard no_grad;
    const std::int64_t K = episode_.scores.size(0), B = episode_.scores.size(1);
    const auto noise_time =
        torch::full({B}, environment.grid.noise_time(episode_.first_step + K), torch::kFloat32);
    return value_
        .evaluate({episode_.states[K], noise_time, episode_.next_log_tilt, {}},
                  Gradient::not_wanted)
        .value;
  }

  /// J_{i+1} + gain_i - J_i with these means.
  [[nodiscard]] torch::Tensor step_errors(const torch::Tensor& mu) const {
    const auto gain = gains(chosen_steps(), setting_.sampled_update, mu);
    return (next_values() + gain).sub_(J_);
  }

  /// target_i - J_i, with the means that were played.
  [[nodiscard]] torch::Tensor value_errors() const {
    if (setting_.martingale_loss) return martingale_errors();
    if (!setting_.monte_carlo)
      return G_.defined() && base::same_bits(chosen_means(), mu_) ? G_
                                                                  : step_errors(chosen_means());
    const auto gain = gains(all_steps(), setting_.sampled_update, means());
    return chosen(gains_to_come(gain, terminal_)) - J_;
  }

  /// (target_i - J_i)^2, times dt in the martingale loss.
  [[nodiscard]] Terms value_terms() const {
    const auto error = value_errors();
    if (setting_.martingale_loss)
      return {error.square().mul_(steps_.dt), (error * steps_.dt).mul_(-2.0)};
    return {error.square(), error * -2.0};
  }

  [[nodiscard]] Losses sum(const Terms& policy, const Terms& value, std::int64_t batch) const {
    // The chosen steps stand for all K.
    const double scale =
        static_cast<double>(episode_.scores.size(0)) / static_cast<double>(J_.size(0));
    const double share = scale / static_cast<double>(batch);
    Losses losses;
    losses.scale = scale;
    losses.means = mu_;
    losses.policy = Loss(policy, said_by_policy_, share);
    if (value_.has_network()) losses.value = Loss(value, said_by_value_, share);
    return losses;
  }

  const QLearning& setting_;
  const Episode& episode_;
  const ValueFunction& value_;
  StepSubset subset_;
  double score_share_;  // c
  Steps steps_;
  torch::Tensor entropy_, weight_, terminal_;
  torch::Tensor said_by_policy_, said_by_value_;  // with graphs
  torch::Tensor mu_, J_;                          // their numbers, at the chosen steps
  torch::Tensor G_;                               // step_errors(mu_), once they are known
  ValueAnswer answer_;
};

}  // namespace

Losses q_learning_losses(const QLearning& setting, const Environment& environment,
                         const Episode& episode, const score::ScoreFunction& policy_mean,
                         const ValueFunction& value, std::int64_t batch, StepSubset subset) {
  subset.expect_within(episode.scores.size(0));
  base::expects(!setting.martingale_loss || (setting.sampled_update && subset.stride == 1),
                "the sampled update on all steps for the martingale loss");
  base::expects(episode.rewards.defined() || !(setting.martingale_loss || setting.monte_carlo) ||
                    !value.has_network(),
                "steps to the end for targets of what they return");
  return LossesOfEpisode(setting, environment, episode, value, subset).compute(policy_mean, batch);
}

}  // namespace tropism::control
