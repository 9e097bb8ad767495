// SPDX-License-Identifier: MIT
#include <tropism/control/q_learning.hpp>

#include <cmath>
#include <numbers>

#include <tropism/base/error.hpp>

namespace tropism::control {
namespace {

/// g^2, dt and tau of each step, [K, 1], and what follows from them.
struct Steps {
  torch::Tensor noise_time, dt, g_squared;
  torch::Tensor
      entropy;  // (theta D/2) log(pi theta/g^2) dt: the part of -q dt that no action changes
};

Steps steps_of(const Environment& environment, double temperature) {
  std::vector<double> noise_time, dt, g_squared, entropy;
  const auto dimension = static_cast<double>(environment.dimension);
  for (std::int64_t k = 0; k < environment.grid.steps(); ++k) {
    noise_time.push_back(environment.grid.noise_time(k));
    dt.push_back(environment.grid.step_size(k));
    g_squared.push_back(environment.process->diffusion_squared(noise_time.back()));
    entropy.push_back(0.5 * temperature * dimension *
                      std::log(std::numbers::pi * temperature / g_squared.back()) * dt.back());
  }
  const auto column = [](const std::vector<double>& v) {
    return torch::tensor(v, torch::kFloat32).unsqueeze(1);
  };
  return {column(noise_time), column(dt), column(g_squared), column(entropy)};
}

/// [K, B, ...] as [K B, ...]
torch::Tensor flat(const torch::Tensor& t) {
  return t.defined() ? t.flatten(0, 1) : t;
}

torch::Tensor squared_distance(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).square().sum(2);
}

/// |s_hat - a|^2 without what the noise of s_hat adds to it, where that is known, [K, B].
torch::Tensor distance_from_score(const Episode& episode, const torch::Tensor& a) {
  const auto distance = squared_distance(episode.scores, a);
  return episode.score_noise.defined() ? distance - episode.score_noise : distance;
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
        score_share_(environment.simulator->score_share()),
        steps_(steps_of(environment, setting.temperature)) {
    weight_ = steps_.g_squared * steps_.dt;  // g^2 dt
    terminal_ = episode.rewards * setting.beta;
    if (!value.holds_entropy()) steps_.entropy.zero_();
  }

  Losses compute(const score::ScoreFunction& policy_mean, std::int64_t batch) {
    const auto scores = chosen(episode_.scores);
    const std::int64_t K = scores.size(0), B = scores.size(1);
    const auto y = flat(chosen_states());
    const auto noise_time = chosen(steps_.noise_time).expand({K, B}).reshape(-1);
    mu_ = policy_mean.score(y, noise_time).view({K, B, -1});
    const bool gradient = !setting_.sampled_update && setting_.coupling > 0.0;
    answer_ = value_.evaluate(
        {y, noise_time, flat(chosen(episode_.log_tilt)), flat(chosen(episode_.tilt_gradient))},
        gradient ? Gradient::wanted : Gradient::not_wanted);
    J_ = answer_.value.view({K, B});
    const auto policy_terms = setting_.sampled_update ? sampled_terms() : expected_terms(scores);
    return sum(policy_terms, batch);
  }

 private:
  [[nodiscard]] torch::Tensor chosen(const torch::Tensor& t) const {
    return t.defined() && subset_.stride > 1 ? t.slice(0, subset_.first, t.size(0), subset_.stride)
                                             : t;
  }

  [[nodiscard]] torch::Tensor chosen_states() const {
    return chosen(episode_.states.narrow(0, 0, episode_.scores.size(0)));
  }

  /// The means that were played; without a record of them, today's.
  [[nodiscard]] torch::Tensor means() const {
    return episode_.means.defined() ? episode_.means : mu_.detach();
  }

  /// (r_hat - q^psi) dt at the given steps' means:
  ///   sampled    -g^2 |s_hat - a|^2 + g^2 |a - mu|^2 + (theta D/2) log(pi theta/g^2)
  ///   expected   -g^2 |s_hat - mu|^2 + (theta D/2) log(pi theta/g^2), the mean of this over a
  [[nodiscard]] torch::Tensor gains() const {
    if (!setting_.sampled_update)
      return steps_.entropy - distance_from_score(episode_, means()) * weight_;
    const auto difference = squared_distance(episode_.actions, means()) -
                            distance_from_score(episode_, episode_.actions);
    return difference * weight_ + steps_.entropy;
  }

  /// G_i^2, with J held constant: its gradient is that of q^psi alone.
  [[nodiscard]] torch::Tensor sampled_terms() const {
    const auto difference = squared_distance(chosen(episode_.actions), mu_) -
                            chosen(distance_from_score(episode_, episode_.actions));
    return (next_values() - J_.detach() + difference * chosen(weight_) + chosen(steps_.entropy))
        .square();
  }

  /// g^2 dt |mu - (s_hat + (c/2) J_y)|^2
  [[nodiscard]] torch::Tensor expected_terms(const torch::Tensor& scores) const {
    const auto added = pull(setting_, score_share_, answer_);
    const auto target = added.defined() ? scores + added.view_as(scores) : scores;
    return squared_distance(mu_, target) * chosen(weight_);
  }

  /// J_{i+1} at the chosen steps: the next value held constant, beta h at the end, [K, B].
  [[nodiscard]] torch::Tensor next_values() const {
    const auto all = subset_.stride == 1 ? J_.detach() : all_values();
    return chosen(torch::cat({all.narrow(0, 1, all.size(0) - 1), terminal_.unsqueeze(0)}));
  }

  [[nodiscard]] torch::Tensor all_values() const {
    const torch::NoGradGuard no_grad;
    const std::int64_t K = episode_.scores.size(0), B = episode_.scores.size(1);
    const ValueQuery query = {flat(episode_.states.narrow(0, 0, K)),
                              steps_.noise_time.expand({K, B}).reshape(-1), flat(episode_.log_tilt),
                              flat(episode_.tilt_gradient)};
    return value_.evaluate(query, Gradient::not_wanted).value.view({K, B});
  }

  [[nodiscard]] torch::Tensor value_terms() const {
    if (setting_.monte_carlo) return (chosen(gains_to_come(gains(), terminal_)) - J_).square();
    return (next_values() + chosen(gains()) - J_).square();
  }

  [[nodiscard]] Losses sum(const torch::Tensor& policy_terms, std::int64_t batch) const {
    // The chosen steps stand for all K.
    const double scale =
        static_cast<double>(episode_.scores.size(0)) / static_cast<double>(J_.size(0));
    Losses losses;
    losses.scale = scale;
    losses.means = mu_.detach();
    losses.policy_terms = policy_terms.detach();
    losses.policy = policy_terms.sum() * (scale / static_cast<double>(batch));
    if (!value_.has_network()) return losses;
    const auto terms = value_terms();
    losses.value_terms = terms.detach();
    losses.value = terms.sum() * (scale / static_cast<double>(batch));
    return losses;
  }

  const QLearning& setting_;
  const Episode& episode_;
  const ValueFunction& value_;
  StepSubset subset_;
  double score_share_;  // c
  Steps steps_;
  torch::Tensor weight_, terminal_;
  torch::Tensor mu_, J_;  // at the chosen steps
  ValueAnswer answer_;
};

}  // namespace

torch::Tensor Losses::policy_per_trajectory() const {
  return policy_terms.to(torch::kFloat64).sum(0) * scale;
}

torch::Tensor Losses::value_per_trajectory() const {
  return value_terms.defined() ? value_terms.to(torch::kFloat64).sum(0) * scale
                               : torch::zeros({policy_terms.size(1)}, torch::kFloat64);
}

torch::Tensor Losses::policy_norm() const {
  return means.norm(2, 2).to(torch::kFloat64).mean(0);
}

Losses q_learning_losses(const QLearning& setting, const Environment& environment,
                         const Episode& episode, const score::ScoreFunction& policy_mean,
                         const ValueFunction& value, std::int64_t batch, StepSubset subset) {
  base::expects(subset.stride >= 1, "a stride of at least one step");
  base::expects(subset.first >= 0 && subset.first < episode.scores.size(0),
                "a first step that the episode has");
  return LossesOfEpisode(setting, environment, episode, value, subset).compute(policy_mean, batch);
}

}  // namespace tropism::control
