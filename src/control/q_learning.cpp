// SPDX-License-Identifier: MIT
#include <tropism/control/q_learning.hpp>

#include <cmath>
#include <numbers>

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

/// v with its norm limited.
torch::Tensor limited(const torch::Tensor& v, double limit) {
  if (limit <= 0.0) return v;
  return v * (limit / v.norm(2, 1, true).clamp_min(1e-30)).clamp_max(1.0);
}

/// J_y/2 as it enters the policy, [K B, D], or undefined where nothing does.
torch::Tensor pull(const QLearning& setting, const ValueAnswer& answer) {
  torch::Tensor sum = answer.half_gradient_known;
  if (!answer.half_gradient_learned.defined()) return sum;
  const auto learned =
      limited(answer.half_gradient_learned, setting.gradient_limit) * setting.coupling;
  return sum.defined() ? sum + learned : learned;
}

/// J_{i+1}: the next value held constant, beta h at the end, [K, B].
torch::Tensor next_values(const torch::Tensor& values, const torch::Tensor& terminal) {
  const auto held = values.detach();
  return torch::cat({held.narrow(0, 1, held.size(0) - 1), terminal.unsqueeze(0)});
}

/// beta h + sum_{k >= i} gain_k, [K, B].
torch::Tensor gains_to_come(const torch::Tensor& gains, const torch::Tensor& terminal) {
  return gains.flip(0).cumsum(0).flip(0) + terminal;
}

}  // namespace

Losses q_learning_losses(const QLearning& setting, const Environment& environment,
                         const Episode& episode, const score::ScoreFunction& policy_mean,
                         const ValueFunction& value, std::int64_t batch) {
  const std::int64_t K = episode.scores.size(0), B = episode.scores.size(1);
  const auto steps = steps_of(environment, setting.temperature);
  const auto weight = steps.g_squared * steps.dt;  // g^2 dt
  const auto y = flat(episode.states.narrow(0, 0, K));
  const auto noise_time = steps.noise_time.expand({K, B}).reshape(-1);
  const auto mu = policy_mean.score(y, noise_time).view({K, B, -1});
  const bool gradient = !setting.sampled_update && setting.coupling > 0.0;
  const auto answer =
      value.evaluate({y, noise_time, flat(episode.log_tilt), flat(episode.tilt_gradient)},
                     gradient ? Gradient::wanted : Gradient::not_wanted);
  const auto J = answer.value.view({K, B});
  const auto terminal = episode.rewards * setting.beta;
  const auto entropy = value.holds_entropy() ? steps.entropy : torch::zeros_like(steps.entropy);

  torch::Tensor policy_terms, gains;  // gains: (r_hat - q) dt
  if (setting.sampled_update) {
    // r_hat - q^psi = -g^2 |s_hat - a|^2 + g^2 |a - mu|^2 + (theta D/2) log(pi theta/g^2)
    const auto gains_of_mu = (squared_distance(episode.actions, mu) -
                              squared_distance(episode.scores, episode.actions)) *
                                 weight +
                             entropy;
    policy_terms = (next_values(J, terminal) - J.detach() + gains_of_mu).square();  // G_i^2
    gains = gains_of_mu.detach();
  } else {
    const auto added = pull(setting, answer);
    const auto target = added.defined() ? episode.scores + added.view({K, B, -1}) : episode.scores;
    policy_terms = squared_distance(mu, target) * weight;
    // E_a[r_hat - q^psi] = -g^2 |s_hat - mu|^2 + (theta D/2) log(pi theta/g^2)
    gains = -squared_distance(episode.scores, mu.detach()) * weight + entropy;
  }

  Losses losses;
  losses.policy = policy_terms.sum() / batch;
  losses.policy_per_trajectory = policy_terms.detach().to(torch::kFloat64).sum(0);
  losses.policy_norm = mu.detach().norm(2, 2).to(torch::kFloat64).mean(0);
  losses.value_per_trajectory = torch::zeros_like(losses.policy_per_trajectory);
  if (!value.has_network()) return losses;
  const auto target =
      setting.monte_carlo ? gains_to_come(gains, terminal) : next_values(J, terminal) + gains;
  const auto value_terms = (target - J).square();
  losses.value = value_terms.sum() / batch;
  losses.value_per_trajectory = value_terms.detach().to(torch::kFloat64).sum(0);
  return losses;
}

}  // namespace tropism::control
