// SPDX-License-Identifier: MIT
// Learned after every time step and after the episode: q-learning whose critic knows nothing of the
// reward but temporal differences, on a linear-quadratic problem, ends where its updates stand
// still.
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include <tropism/comm/communicator.hpp>
#include <tropism/control/family.hpp>
#include <tropism/sampling/sampler.hpp>
#include <tropism/training/trainer.hpp>

#include "support/catch.hpp"
#include "support/fields.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

constexpr double beta = 0.5, target = 2.0, terminal_time = 3.0;
constexpr int num_steps = 30;

/// Data N(0, 1), whose score is -x at every noise time, observed without error.
class StandardNormal final : public control::Family {
 public:
  [[nodiscard]] std::shared_ptr<const score::ScoreSignal> signal(
      control::Trajectories /*trajectories*/) const override {
    return std::make_shared<test::ExactSignal>(test::score_function(
        [](const torch::Tensor& x, const torch::Tensor& /*noise_time*/) { return -x; }));
  }
  [[nodiscard]] control::FieldOf fields(control::Trajectories /*trajectories*/) const override {
    return control::without_context();
  }
};

control::ModelSetting model_with(const control::ValueConfig& value) {
  control::ModelSetting model;
  model.policy.mlp = {.width = 32, .depth = 2, .activation = "silu"};
  model.value = value;
  model.beta = beta;
  model.reward = reward::make_reward({.kind = "quadratic", .beta = beta, .target = {target}}, 1);
  model.process = test::toy_process(terminal_time);
  model.moments = {torch::zeros({1}), 1.0};
  return model;
}

training::TrainerConfig config_of(const std::string& learning) {
  training::TrainerConfig config;
  config.run.episodes = 150;
  config.run.batch = 100;
  config.optimizer.learning_rate = 5e-3;
  config.optimizer.value_learning_rate = 1e-2;
  config.average.decay = 0.95;
  config.value.network = "mlp";
  config.value.mlp = {.width = 32, .depth = 2, .activation = "silu"};
  config.value.form = "plain";
  config.value.target = "temporal-difference";
  config.value.warmup = config.value.ramp = 40;
  config.value.gradient_limit = 0.0;
  config.algorithm.learning = learning;
  config.algorithm.updates = learning == "online" ? 0 : 10;
  return config;
}

/// Samples after training, [50000].
torch::Tensor samples_of(const std::string& learning) {
  const auto config = config_of(learning);
  const auto comm = comm::Communicator::alone();
  const auto networks = std::make_shared<control::ActorCritic>(model_with(config.value));
  const auto process = networks->setting().process;
  const auto grid = diffusion::make_time_grid({.steps = num_steps}, *process);
  const auto simulator = diffusion::make_simulator({});
  training::Trainer trainer(
      comm, config, {.process = process, .grid = grid, .simulator = simulator, .dimension = 1},
      networks, std::make_shared<StandardNormal>());
  while (trainer.episodes_done() < config.run.episodes) trainer.advance(false);
  trainer.use_average();
  const sampling::Sampler sampler{.process = process,
                                  .grid = grid,
                                  .simulator = simulator,
                                  .dimension = 1,
                                  .last_step = sampling::LastStep::with_noise};
  const auto policy = networks->policy_mean(control::without_context());
  return sampling::draw_samples(sampler, [&](comm::RowRange) { return policy; }, {0, 50000})
      .squeeze(1);
}

struct Law {
  double mean, variance;
};

/// The law of y_K where no update moves anything: with J_k = -P (y - c)^2 + const the policy adds
/// u = J_y/2 to the score, so that y' = (1 - dt) y + 2 dt u + sqrt(2 dt) xi, and the critic has
/// J_k = -2 dt u^2 + E J_{k+1}(y'), which is P = 2 dt P^2 + (1 - dt - 2 dt P)^2 P_{k+1}.
Law fixed_point() {
  const double dt = terminal_time / num_steps;
  std::vector<double> P(num_steps + 1, beta), c(num_steps + 1, target);
  for (std::size_t k = num_steps; k-- > 0;) {
    for (int pass = 0; pass < 100; ++pass)
      P[k] = 2.0 * dt * P[k] * P[k] + std::pow(1.0 - dt - 2.0 * dt * P[k], 2) * P[k + 1];
    c[k] = c[k + 1] / (1.0 - dt);
  }
  Law law = {0.0, 1.0 - std::exp(-2.0 * terminal_time)};
  for (std::size_t k = 0; k < num_steps; ++k) {
    law.mean = (1.0 - dt) * law.mean - 2.0 * dt * P[k] * (law.mean - c[k]);
    law.variance = std::pow(1.0 - dt - 2.0 * dt * P[k], 2) * law.variance + 2.0 * dt;
  }
  return law;
}

TEST_CASE("Temporal differences lead to the same law after every time step as after the episode") {
  const std::string learning = GENERATE("online", "offline");

  const auto y = samples_of(learning);

  const auto law = fixed_point();
  const double mean = y.mean().item<double>(), sd = y.std().item<double>();
  INFO(learning << ": mean " << mean << " of " << law.mean << ", sd " << sd << " of "
                << std::sqrt(law.variance));
  CHECK(std::abs(mean - law.mean) <= 0.03);
  CHECK(std::abs(sd - std::sqrt(law.variance)) <= 0.03);
}

TEST_CASE("The law where updates stand still is the tilted one, but for the time step") {
  const auto law = fixed_point();

  // e^{-x^2/2} tilted by e^{-beta (x - 2)^2/2}
  CHECK(law.mean == Approx(beta * target / (1.0 + beta)).epsilon(terminal_time / num_steps));
  CHECK(law.variance == Approx(1.0 / (1.0 + beta)).epsilon(2.0 * terminal_time / num_steps));
}

}  // namespace
