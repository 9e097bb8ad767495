// SPDX-License-Identifier: MIT
// DPOK ends at the pretrained law tilted by e^{beta h/gamma}: the one that q-learning reaches with
// twice the beta, for its cost of leaving the score, g^2 |mu - s|^2, is twice the KL divergence.
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/sampling/sampler.hpp>
#include <tropism/training/trainer.hpp>

#include "support/catch.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

constexpr double beta = 0.25, target = 2.0, terminal_time = 5.0;
constexpr int num_steps = 50, num_episodes = 250;

/// Data N(0, 1), whose scores the Gaussian fit of the policy knows before any training.
struct Problem {
  comm::Communicator comm = comm::Communicator::alone();
  std::shared_ptr<const diffusion::ForwardProcess> process = test::toy_process(terminal_time);
  std::shared_ptr<const diffusion::Simulator> simulator = diffusion::make_simulator({});

  [[nodiscard]] diffusion::TimeGrid grid() const {
    return diffusion::make_time_grid({.steps = num_steps}, *process);
  }

  [[nodiscard]] std::shared_ptr<control::ActorCritic> networks() const {
    reward::RewardConfig reward_config;
    reward_config.kind = "quadratic";
    reward_config.target = {target};
    control::ModelSetting model;
    model.policy.mlp = {.width = 32, .depth = 2, .activation = "silu"};
    model.beta = beta;
    model.reward = reward::make_reward(reward_config, 1);
    model.process = process;
    model.moments = {torch::zeros({1}), 1.0};
    return std::make_shared<control::ActorCritic>(model);
  }

  /// Rows that no policy gradient looks at.
  [[nodiscard]] std::shared_ptr<const control::Family> family() const {
    auto setting = std::make_shared<score::RatioSetting>(score::RatioSetting{
        &comm, process,
        std::make_shared<score::RatioData>(comm, score::Scope::local,
                                           score::DataRows{.x = torch::zeros({1, 1})},
                                           torch::zeros({1}), 0),
        score::ScoreConfig(), base::RandomStream(1, base::Purpose::estimator_rows)});
    return std::make_shared<control::Unconditional>(std::move(setting));
  }

  [[nodiscard]] torch::Tensor samples(const control::ActorCritic& of) const {
    const sampling::Sampler sampler{.process = process,
                                    .grid = grid(),
                                    .simulator = simulator,
                                    .dimension = 1,
                                    .last_step = sampling::LastStep::with_noise};
    const auto policy = of.policy_mean(control::without_context());
    return sampling::draw_samples(sampler, [&](comm::RowRange) { return policy; }, {0, 50000})
        .squeeze(1);
  }
};

training::TrainerConfig trainer_config() {
  training::TrainerConfig config;
  config.run.episodes = num_episodes;
  config.run.batch = 500;
  config.optimizer.learning_rate = 5e-3;
  config.average.decay = 0.95;
  config.algorithm.name = "dpok";
  config.algorithm.updates = 5;
  return config;
}

/// Mean and variance of y_K under the best policy, or the fixed point of the published gradient.
struct Law {
  double mean, variance;
};

/// With y' = (1 - dt) y + 2 dt u + sqrt(2 dt) xi and KL = dt u^2 a value -P (y - c)^2 at the end of
/// a step makes u = -2 P (E y' - c). Before the step it is
///   whole   P (1 - dt)^2/(1 + 4 dt P), the best that can be had
///   step    P (1 - dt)^2/(1 + 4 dt P)^2, for the cost of u is not counted
Law law_of(const std::string& kl_gradient) {
  const double dt = terminal_time / num_steps;
  std::vector<double> P(num_steps + 1, beta), c(num_steps + 1, target);
  for (std::size_t k = num_steps; k-- > 0;) {
    const double pulled = 1.0 + 4.0 * dt * P[k + 1];
    P[k] = P[k + 1] * std::pow(1.0 - dt, 2) / (kl_gradient == "whole" ? pulled : pulled * pulled);
    c[k] = c[k + 1] / (1.0 - dt);
  }
  Law law = {0.0, 1.0};
  for (std::size_t k = 1; k <= num_steps; ++k) {
    const double pulled = 1.0 + 4.0 * dt * P[k];
    law.mean = ((1.0 - dt) * law.mean + 4.0 * dt * P[k] * c[k]) / pulled;
    law.variance = std::pow((1.0 - dt) / pulled, 2) * law.variance + 2.0 * dt;
  }
  return law;
}

TEST_CASE("DPOK ends where its gradient leads, which is its optimum only with the whole gradient") {
  auto config = trainer_config();
  config.algorithm.kl_gradient = GENERATE("whole", "step");
  const Problem problem;
  const auto networks = problem.networks(), pretrained = problem.networks();
  training::Trainer trainer(problem.comm, config,
                            {.process = problem.process,
                             .grid = problem.grid(),
                             .simulator = problem.simulator,
                             .dimension = 1},
                            networks, problem.family(), pretrained);

  const auto first = trainer.advance(true);
  while (trainer.episodes_done() < num_episodes) trainer.advance(false);
  trainer.use_average();
  const auto y = problem.samples(*networks);

  REQUIRE(first.policy_gradient.has_value());
  CHECK(first.policy_gradient->ratio_mean == Approx(1.0).margin(0.05));
  const auto law = law_of(config.algorithm.kl_gradient);
  INFO(config.algorithm.kl_gradient << ": mean " << y.mean().item<double>() << " of " << law.mean
                                    << ", sd " << y.std().item<double>() << " of "
                                    << std::sqrt(law.variance));
  CHECK(std::abs(y.mean().item<double>() - law.mean) < 0.03);
  CHECK(std::abs(y.std().item<double>() - std::sqrt(law.variance)) < 0.03);
}

TEST_CASE("The best law is the pretrained one tilted by e^{beta h}, but for the time step") {
  const auto law = law_of("whole");

  // y' = (1 - dt) y + sqrt(2 dt) xi ends at N(0, 1/(1 - dt/2)), which e^{-(x - 2)^2/4} tilts.
  const double dt = terminal_time / num_steps, precision = 1.0 - 0.5 * dt + 2.0 * beta;
  CHECK(law.mean == Approx(2.0 * beta * target / precision).epsilon(1e-3));
  CHECK(law.variance == Approx(1.0 / precision).epsilon(dt));
}

}  // namespace
