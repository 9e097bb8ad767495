// SPDX-License-Identifier: MIT
#include <tropism/control/policy_gradient.hpp>

#include "gains.hpp"
#include "steps.hpp"

#include <tropism/base/error.hpp>

namespace tropism::control {
namespace {

/// The chosen steps, in the order of the formulas.
class Chain {
 public:
  Chain(const PolicyGradientQuestion& question, StepSubset subset) {
    const auto& episode = question.episode;
    const auto steps = steps_of(question.environment, episode);
    const std::int64_t K = episode.states.size(0) - 1;
    dt_g_squared_ = subset.of(steps.g_squared * steps.dt);
    y_ = subset.of(episode.states.narrow(0, 0, K));
    mu_old_ = subset.of(episode.means);
    const auto drift = subset.of(steps.drift * steps.dt).unsqueeze(2);
    // y' - y - [f y + g^2 mu_old] dt
    noise_ = subset.of(episode.states.narrow(0, 1, K)) - y_ * (drift + 1.0) -
             mu_old_ * dt_g_squared_.unsqueeze(2);
    noise_time_ = subset.of(steps.noise_time);
  }

  /// y' less its mean under mu: d log p / d mu, [k, B, D].
  [[nodiscard]] torch::Tensor noise_under(const torch::Tensor& mu) const {
    return noise_ + (mu_old_ - mu) * dt_g_squared_.unsqueeze(2);
  }
  /// log p(y'|y; mu) - log p(y'|y; mu_old), [k, B].
  [[nodiscard]] torch::Tensor log_ratio(const torch::Tensor& noise) const {
    return row_products(noise_ - noise, noise_ + noise) / (2.0 * dt_g_squared_);
  }
  /// g^2 dt, [k, 1]
  [[nodiscard]] const torch::Tensor& weight() const { return dt_g_squared_; }
  [[nodiscard]] std::int64_t steps() const { return y_.size(0); }
  [[nodiscard]] std::int64_t batch() const { return y_.size(1); }
  /// States and noise times in a row, [k B, D] and [k B].
  [[nodiscard]] torch::Tensor states() const { return y_.flatten(0, 1); }
  [[nodiscard]] torch::Tensor noise_times() const {
    return noise_time_.expand({steps(), batch()}).reshape(-1);
  }
  [[nodiscard]] torch::Tensor mean_of(const score::ScoreFunction& mean) const {
    return mean.score(states(), noise_times()).view(y_.sizes());
  }

 private:
  torch::Tensor dt_g_squared_, y_, mu_old_, noise_, noise_time_;
};

/// max{ -A rho, -A clip(rho) }; its gradient is -A rho d log p where the first is the larger.
Terms surrogate(const Chain& chain, const torch::Tensor& noise, const torch::Tensor& advantages,
                double clip_range, Losses& losses) {
  const auto rho = chain.log_ratio(noise).exp();
  const auto cost = -advantages * rho;
  losses.ratio = rho;
  losses.clipped = torch::zeros_like(rho);
  if (!(clip_range > 0.0)) return {cost, noise * cost.unsqueeze(2)};
  const auto limited = -advantages * rho.clamp(1.0 - clip_range, 1.0 + clip_range);
  losses.clipped = (cost < limited).to(torch::kFloat32);
  return {torch::maximum(cost, limited), noise * (cost * (1.0 - losses.clipped)).unsqueeze(2)};
}

/// Adds gamma g^2 dt |mu - mu_ref|^2 / 2.
void add_divergence(const Chain& chain, const torch::Tensor& mu, const torch::Tensor& reference,
                    double kl_weight, Terms& terms, Losses& losses) {
  const auto difference = mu - reference;
  losses.kl = row_products(difference, difference) * (0.5 * chain.weight());
  terms.values = terms.values + losses.kl * kl_weight;
  terms.gradient = terms.gradient + difference * (kl_weight * chain.weight()).unsqueeze(2);
}

/// gamma sum_{j > k} KL_j of the steps that were taken, at the chosen k, [k, B].
torch::Tensor divergence_to_come(const PolicyGradientQuestion& question, double kl_weight,
                                 StepSubset subset) {
  const torch::NoGradGuard no_grad;
  const auto& episode = question.episode;
  const auto steps = steps_of(question.environment, episode);
  const auto difference = episode.means - episode.reference_means;
  const auto kl =
      row_products(difference, difference) * (0.5 * kl_weight * steps.g_squared * steps.dt);
  return subset.of(kl.flip(0).cumsum(0).flip(0) - kl);
}

/// What a step is worth: advantages, less the divergence that it leads to.
torch::Tensor worth_of(const PolicyGradient& setting, const PolicyGradientQuestion& question,
                       const Chain& chain, StepSubset subset) {
  const auto A = question.advantages.unsqueeze(0).expand({chain.steps(), chain.batch()});
  if (!setting.whole_kl_gradient || setting.kl_weight == 0.0) return A;
  return A - divergence_to_come(question, setting.kl_weight, subset);
}

/// A = worth - V, whose squares are the baseline's loss; without a baseline the worth alone.
torch::Tensor against_baseline(const Chain& chain, const ValueFunction* baseline,
                               const torch::Tensor& worth, double share, Losses& losses) {
  if (baseline == nullptr) return worth;
  const ValueQuery query = {chain.states(), chain.noise_times(), {}, {}};
  const auto V =
      baseline->evaluate(query, Gradient::not_wanted).value.view({chain.steps(), chain.batch()});
  const auto error = V.detach() - worth;
  losses.value = Loss({error.square(), error * 2.0}, V, share);
  return -error;
}

}  // namespace

Losses policy_gradient_losses(const PolicyGradient& setting, const PolicyGradientQuestion& question,
                              const score::ScoreFunction& policy_mean, std::int64_t batch,
                              StepSubset subset) {
  const std::int64_t K = question.episode.states.size(0) - 1;
  subset.expect_within(K);
  base::expects(setting.kl_weight == 0.0 || question.episode.reference_means.defined(),
                "an episode with reference means");
  const Chain chain(question, subset);
  Losses losses;
  losses.scale = static_cast<double>(K) / static_cast<double>(chain.steps());
  const double share = losses.scale / static_cast<double>(batch);
  const auto mu = chain.mean_of(policy_mean);
  losses.means = mu.detach();
  const auto A = against_baseline(chain, question.baseline,
                                  worth_of(setting, question, chain, subset), share, losses);
  const torch::NoGradGuard no_grad;  // the gradients are formulas
  auto terms = surrogate(chain, chain.noise_under(losses.means), A, setting.clip_range, losses);
  if (question.episode.reference_means.defined())
    add_divergence(chain, losses.means, subset.of(question.episode.reference_means),
                   setting.kl_weight, terms, losses);
  losses.policy = Loss(std::move(terms), mu, share);
  return losses;
}

}  // namespace tropism::control
