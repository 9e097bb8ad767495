// SPDX-License-Identifier: MIT
// The published update, eqs. (28)-(31), written out one step and one trajectory at a time.
#include <torch/csrc/autograd/autograd.h>

#include <numbers>

#include <tropism/control/policy_mean.hpp>
#include <tropism/control/q_learning.hpp>

#include "support/catch.hpp"
#include "support/small_episode.hpp"

namespace {

using namespace tropism;

constexpr double theta = 0.7, beta = 0.9, g_squared = 2.25, dt = 0.5, terminal_time = 1.5;
constexpr std::int64_t K = 3, B = 4, D = 2, batch = 10;

std::shared_ptr<network::Mlp> network_with(std::int64_t outputs, std::int64_t first_parameter) {
  const network::MlpConfig config = {.width = 4, .depth = 1, .activation = "tanh"};
  auto mlp = std::make_shared<network::Mlp>(1 + D, outputs, config, network::LastLayer::random, 3,
                                            first_parameter);
  mlp->to(torch::kFloat64);
  return mlp;
}

struct Networks {
  std::shared_ptr<network::Mlp> policy = network_with(D, 0), critic = network_with(1, 100);
};

/// The network on one (T - tau, y), [outputs].
torch::Tensor at(const network::Mlp& mlp, double tau, const torch::Tensor& y) {
  const auto t = torch::full({1}, terminal_time - tau, torch::kFloat64);
  return mlp.forward(torch::cat({t, y}).unsqueeze(0)).squeeze(0);
}

/// One trajectory of eqs. (28)-(31).
class Literal {
 public:
  Literal(const Networks& networks, const control::Episode& episode, std::string form,
          std::int64_t trajectory)
      : networks_(networks), episode_(episode), form_(std::move(form)), b_(trajectory) {}

  /// J^Theta(t_i, y_i), with the entropy that is still to come (D1) where the form leaves it out;
  /// J(t_K, .) = beta h.
  [[nodiscard]] torch::Tensor J(std::int64_t i) const {
    if (i == K) return beta * episode_.rewards[b_];
    const auto F = at(*networks_.critic, tau(i), episode_.states[i][b_]).squeeze(0);
    if (form_ == "plain") return F;
    const double phase = std::numbers::pi * tau(i) / (2.0 * terminal_time);
    return 2.0 * episode_.log_tilt[i][b_] + std::sin(phase) * F + entropy() * tau(i);
  }
  /// q^psi(t_i, y_i, a_i), eq. (28)
  [[nodiscard]] torch::Tensor q(std::int64_t i) const {
    const auto mu = at(*networks_.policy, tau(i), episode_.states[i][b_]);
    return -g_squared * (episode_.actions[i][b_] - mu).square().sum() - entropy();
  }
  /// G_i = J_{i+1} - J_i + r_hat dt - q dt
  [[nodiscard]] double G(std::int64_t i) const {
    const auto r = -g_squared * (episode_.scores[i][b_] - episode_.actions[i][b_]).square().sum();
    return (J(i + 1) - J(i) + (r - q(i)) * dt).item<double>();
  }
  /// beta h - J_i + sum_{k >= i} (r_hat_k - q_k) dt, what the martingale loss squares
  [[nodiscard]] double G_to_come(std::int64_t i) const {
    double sum = 0.0;
    for (std::int64_t k = i; k < K; ++k) sum += G(k);
    return sum;
  }
  /// sum_i xi_i G_i dt and sum_i ( sum_{k >= i} zeta_k dt ) G_i dt of [JZ23]
  [[nodiscard]] torch::Tensor critic_martingale_update() const {
    auto update = torch::zeros({1}, torch::kFloat64);
    for (std::int64_t i = 0; i < K; ++i)
      update = update + derivative(J(i), *networks_.critic) * G_to_come(i) * dt;
    return update;
  }
  [[nodiscard]] torch::Tensor policy_martingale_update() const {
    auto update = torch::zeros({1}, torch::kFloat64);
    for (std::int64_t i = 0; i < K; ++i)
      for (std::int64_t k = i; k < K; ++k)
        update = update + derivative(q(k), *networks_.policy) * dt * G_to_come(i) * dt;
    return update;
  }
  /// sum_i xi_i G_i, eq. (29)
  [[nodiscard]] torch::Tensor critic_update() const {
    auto update = torch::zeros({1}, torch::kFloat64);
    for (std::int64_t i = 0; i < K; ++i)
      update = update + derivative(J(i), *networks_.critic) * G(i);
    return update;
  }
  /// sum_i zeta_i G_i, eq. (30)
  [[nodiscard]] torch::Tensor policy_update() const {
    auto update = torch::zeros({1}, torch::kFloat64);
    for (std::int64_t i = 0; i < K; ++i)
      update = update + derivative(q(i), *networks_.policy) * G(i);
    return update;
  }

 private:
  static double tau(std::int64_t i) { return terminal_time - dt * static_cast<double>(i); }
  /// (theta D/2) log(pi theta/g^2)
  static double entropy() {
    return 0.5 * theta * static_cast<double>(D) * std::log(std::numbers::pi * theta / g_squared);
  }
  static torch::Tensor derivative(const torch::Tensor& value, const network::Mlp& mlp) {
    std::vector<torch::Tensor> flat;
    for (const auto& part : torch::autograd::grad({value}, mlp.parameters()))
      flat.push_back(part.reshape(-1));
    return torch::cat(flat);
  }

  const Networks& networks_;
  const control::Episode& episode_;
  std::string form_;
  std::int64_t b_;
};

control::Losses losses_of(const Networks& networks, const control::Episode& episode,
                          const std::string& form, bool martingale_loss = false) {
  const auto environment = test::small_environment();
  const control::PolicyMean mean("plain", test::standard_fit(environment.process, D),
                                 std::make_shared<network::NetworkField>(networks.policy));
  const auto value = test::formula_value(environment, form,
                                         std::make_shared<network::NetworkField>(networks.critic));
  return control::q_learning_losses({.sampled_update = true,
                                     .martingale_loss = martingale_loss,
                                     .monte_carlo = false,
                                     .temperature = theta,
                                     .beta = beta},
                                    environment, episode, mean, value, batch);
}

torch::Tensor flat_gradient(const network::Mlp& mlp) {
  std::vector<torch::Tensor> flat;
  for (const auto& parameter : mlp.parameters()) flat.push_back(parameter.grad().reshape(-1));
  return torch::cat(flat);
}

TEST_CASE("The gradient of the sampled critic loss is -2 xi G, summed, eq. (29)") {
  const std::string form = GENERATE("plain", "data");
  const Networks networks;
  const auto episode = test::small_episode();

  losses_of(networks, episode, form).value.backward();

  auto update = torch::zeros({1}, torch::kFloat64);
  for (std::int64_t b = 0; b < B; ++b)
    update = update + Literal(networks, episode, form, b).critic_update() / batch;
  const auto ours = -0.5 * flat_gradient(*networks.critic);
  CHECK(test::within(ours, update, torch::full({1}, 2e-6 * update.abs().max().item<double>())));
  for (const auto& parameter : networks.policy->parameters())
    CHECK_FALSE(parameter.grad().defined());
}

TEST_CASE("The gradient of the sampled policy loss is -2 dt zeta G, summed, eq. (30)") {
  const std::string form = GENERATE("plain", "data");
  const Networks networks;
  const auto episode = test::small_episode();

  losses_of(networks, episode, form).policy.backward();

  auto update = torch::zeros({1}, torch::kFloat64);
  for (std::int64_t b = 0; b < B; ++b)
    update = update + Literal(networks, episode, form, b).policy_update() / batch;
  const auto ours = flat_gradient(*networks.policy) / (-2.0 * dt);
  CHECK(test::within(ours, update, torch::full({1}, 2e-6 * update.abs().max().item<double>())));
  for (const auto& parameter : networks.critic->parameters())
    CHECK_FALSE(parameter.grad().defined());
}

TEST_CASE("The gradients of the martingale loss are -2 times the updates of [JZ23]") {
  const std::string form = GENERATE("plain", "data");
  const Networks networks;
  const auto episode = test::small_episode();

  const auto losses = losses_of(networks, episode, form, true);
  losses.backward();

  auto critic = torch::zeros({1}, torch::kFloat64), policy = critic;
  for (std::int64_t b = 0; b < B; ++b) {
    const Literal literal(networks, episode, form, b);
    critic = critic + literal.critic_martingale_update() / batch;
    policy = policy + literal.policy_martingale_update() / batch;
  }
  const auto near = [](const torch::Tensor& ours, const torch::Tensor& update) {
    return test::within(ours, update, torch::full({1}, 2e-6 * update.abs().max().item<double>()));
  };
  CHECK(near(-0.5 * flat_gradient(*networks.critic), critic));
  CHECK(near(-0.5 * flat_gradient(*networks.policy), policy));
}

TEST_CASE("Both sampled losses of a trajectory are the sum of its G^2") {
  const std::string form = GENERATE("plain", "data");
  const Networks networks;
  const auto episode = test::small_episode();

  const auto losses = losses_of(networks, episode, form);

  double whole = 0.0;
  for (std::int64_t b = 0; b < B; ++b) {
    const Literal literal(networks, episode, form, b);
    double sum = 0.0;
    for (std::int64_t i = 0; i < K; ++i) sum += std::pow(literal.G(i), 2);
    CHECK(losses.policy_per_trajectory()[b].item<double>() == Approx(sum).epsilon(1e-6));
    CHECK(losses.value_per_trajectory()[b].item<double>() == Approx(sum).epsilon(1e-6));
    whole += sum / batch;
  }
  CHECK(losses.policy.value() == Approx(whole).epsilon(1e-6));
  CHECK(losses.value.value() == Approx(whole).epsilon(1e-6));
}

}  // namespace
