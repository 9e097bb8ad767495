// SPDX-License-Identifier: MIT
// Learned end to end: the terminal law of the trained policy against the closed form D3, the data
// law tilted by e^{beta h/2}, for the 1-D mixture of [GZZ24, 6.1] with h(y) = -(y - 6)^2.
#include <cmath>
#include <memory>

#include <tropism/comm/communicator.hpp>
#include <tropism/control/family.hpp>
#include <tropism/sampling/sampler.hpp>
#include <tropism/training/trainer.hpp>

#include "support/catch.hpp"
#include "support/toy_mixture.hpp"

namespace {

using namespace tropism;

constexpr double terminal_time = 5.0;

/// The quantiles of the mixture at (i + 1/2)/400: data without sampling noise, [400, 1].
torch::Tensor mixture_quantiles() {
  const auto cdf = [](double x) {
    return 0.25 * (std::erfc(-(x + 3.0) / std::sqrt(2.0)) + std::erfc(-(x - 3.0) / std::sqrt(2.0)));
  };
  std::vector<float> quantiles;
  for (int i = 0; i < 400; ++i) {
    double low = -12.0, high = 12.0;
    for (int halving = 0; halving < 60; ++halving) {
      const double middle = 0.5 * (low + high);
      (cdf(middle) < (i + 0.5) / 400.0 ? low : high) = middle;
    }
    quantiles.push_back(static_cast<float>(0.5 * (low + high)));
  }
  return torch::tensor(quantiles).unsqueeze(1);
}

struct Plan {
  double beta = 0.1;
  int steps = 100;
  int episodes = 200;
  int batch = 200;
  std::string form = "data";
  double value_rate = 1e-2;
  std::string algorithm = "q-learning";
  std::string simulator = "euler-maruyama";
  std::string optimum = "solver";
  std::string grid = "uniform";
};

/// A trainer with a learned critic, and what it must not outlive.
class Study {
 public:
  explicit Study(const Plan& plan) : plan_(plan) {
    reward::RewardConfig reward_config;
    reward_config.kind = "quadratic";
    reward_config.target = {6.0};
    reward_config.beta = plan.beta;
    const auto x = mixture_quantiles();
    control::ModelSetting model;
    model.policy.mlp = {.width = 64, .depth = 2, .activation = "silu"};
    model.value.network =
        plan.algorithm == "q-learning" && plan.simulator == "euler-maruyama" ? "mlp" : "none";
    model.value.form = plan.form;
    model.value.warmup = model.value.ramp = plan.form == "plain" ? 100 : 50;
    model.value.gradient_limit = 0.0;
    model.beta = plan.beta;
    model.reward = reward::make_reward(reward_config, 1);
    model.process = process_;
    model.moments = {x.mean(0), x.var(0, false).item<double>()};
    networks_ = std::make_shared<control::ActorCritic>(model);
    trainer_ = std::make_unique<training::Trainer>(comm_, trainer_config(model.value),
                                                   environment(), networks_, family(x));
  }

  void train_to(int episode) {
    while (trainer_->episodes_done() < episode) trainer_->advance(false);
  }

  /// Samples of the policy with the averaged weights, [50000]; training ends here.
  torch::Tensor samples() {
    trainer_->use_average();
    const sampling::Sampler sampler{
        .process = process_, .grid = grid(), .simulator = simulator_, .dimension = 1};
    const auto policy = networks_->policy_mean(control::without_context());
    return sampling::draw_samples(sampler, [&](comm::RowRange) { return policy; }, {0, 50000})
        .squeeze(1);
  }

 private:
  [[nodiscard]] training::TrainerConfig trainer_config(const control::ValueConfig& value) const {
    training::TrainerConfig config;
    config.run.episodes = plan_.episodes;
    config.run.batch = plan_.batch;
    config.optimizer.learning_rate = 5e-3;
    config.optimizer.value_learning_rate = plan_.value_rate;
    config.average.decay = 0.99;
    config.value = value;
    config.algorithm.updates = 5;
    config.algorithm.name = plan_.algorithm;
    config.algorithm.optimum = plan_.optimum;
    return config;
  }

  [[nodiscard]] diffusion::TimeGrid grid() const {
    return diffusion::make_time_grid({.kind = plan_.grid, .steps = plan_.steps}, *process_);
  }

  [[nodiscard]] control::Environment environment() const {
    return {.process = process_, .grid = grid(), .simulator = simulator_, .dimension = 1};
  }

  [[nodiscard]] std::shared_ptr<const control::Family> family(const torch::Tensor& x) const {
    const auto& model = networks_->setting();
    const auto log_weights = model.reward->evaluate(x) * (0.5 * plan_.beta);
    auto setting = std::make_shared<score::RatioSetting>(score::RatioSetting{
        &comm_, process_,
        std::make_shared<score::RatioData>(
            comm_, score::Scope::local,
            score::DataRows{.x = x,
                            .log_weights = plan_.form == "data" ? log_weights : torch::Tensor()},
            model.moments.mean, 0),
        score_, base::RandomStream(1, base::Purpose::estimator_rows)});
    return std::make_shared<control::Unconditional>(std::move(setting));
  }

  Plan plan_;
  comm::Communicator comm_ = comm::Communicator::alone();
  score::ScoreConfig score_;
  std::shared_ptr<const diffusion::ForwardProcess> process_ = test::toy_process(terminal_time);
  std::shared_ptr<const diffusion::Simulator> simulator_ =
      diffusion::make_simulator({plan_.simulator});
  std::shared_ptr<control::ActorCritic> networks_;
  std::unique_ptr<training::Trainer> trainer_;
};

/// How far samples are from the closed form.
struct Law {
  double mean_error;    // sample mean - exact mean
  double reward_error;  // (E h of the samples - exact) / |exact|
  double divergence;    // KL of the samples' histogram (bins of 0.1) from the exact law
};

Law compare(const torch::Tensor& samples, double beta) {
  const auto exact = test::toy_mixture().tilted_quadratic(beta, test::toy_target());
  const double mean = (exact.weights * exact.means.squeeze(1)).sum().item<double>();
  const double reward =
      -(exact.weights * ((exact.means.squeeze(1) - 6.0).square() + exact.variances))
           .sum()
           .item<double>();
  const auto y = samples.to(torch::kFloat64);
  const auto histogram = torch::histc(y, 240, -12.0, 12.0) / static_cast<double>(y.size(0));
  const auto centres = torch::arange(240, torch::kFloat64) * 0.1 - 11.95;
  const auto expected = exact.log_density(centres.unsqueeze(1)) + std::log(0.1);
  const auto filled = histogram > 0.0;
  const auto p = histogram.masked_select(filled);
  return {y.mean().item<double>() - mean,
          (-(y - 6.0).square().mean().item<double>() - reward) / std::abs(reward),
          (p * (p.log() - expected.masked_select(filled))).sum().item<double>()};
}

Law law_after(const Plan& plan, int episodes) {
  Study study(plan);
  study.train_to(episodes);
  return compare(study.samples(), plan.beta);
}

void check_reached(const Plan& plan) {
  const auto law = law_after(plan, plan.episodes);
  INFO("beta " << plan.beta << ": mean " << law.mean_error << ", E h " << law.reward_error
               << ", KL " << law.divergence);

  CHECK(std::abs(law.mean_error) <= 0.1);
  CHECK(std::abs(law.reward_error) <= 0.05);
  CHECK(law.divergence <= 0.02);
}

TEST_CASE("Without a reward the learned law is the data's", "[beta-0]") {
  check_reached({.beta = 0.0});
}

TEST_CASE("With beta 0.1 the learned law is the tilted one", "[beta-0.1]") {
  check_reached({.beta = 0.1, .episodes = 300});
}

TEST_CASE("With beta 1 the learned law is the tilted one", "[beta-1]") {
  check_reached({.beta = 1.0});
}

TEST_CASE("Weighted score matching learns the tilted law", "[weighted-score-matching]") {
  check_reached({.beta = 0.1, .episodes = 120, .algorithm = "weighted-score-matching"});
}

// A flow has no noise of its own that would smooth what the network gets wrong: its moments are
// held to the bounds of the others, its KL to a fifth of what the policy that is best in the ODE
// comes to.
TEST_CASE("With the tilted score a deterministic solver has the tilted law", "[tilted-score]") {
  Plan plan{.beta = 0.1,
            .steps = 30,
            .episodes = 150,
            .simulator = "dpm-solver++2m",
            .optimum = "tilted-score",
            .grid = "log-snr"};

  const auto law = law_after(plan, plan.episodes);
  plan.optimum = "solver";
  const auto best_in_the_ode = law_after(plan, plan.episodes);

  INFO("mean " << law.mean_error << ", E h " << law.reward_error << ", KL " << law.divergence
               << "; best in the ODE: mean " << best_in_the_ode.mean_error << ", KL "
               << best_in_the_ode.divergence);
  CHECK(std::abs(law.mean_error) <= 0.1);
  CHECK(std::abs(law.reward_error) <= 0.05);
  CHECK(law.divergence < 0.2 * best_in_the_ode.divergence);
  CHECK(best_in_the_ode.mean_error < -0.5);  // c = 1/2 goes half of the way
}

TEST_CASE("A critic learned from returns alone reaches the tilted law", "[returns-alone]") {
  check_reached({.beta = 0.1, .episodes = 400, .batch = 300, .form = "plain", .value_rate = 2e-2});
}

TEST_CASE("The error falls with episodes and with the time step", "[error-falls]") {
  const Plan coarse{.beta = 0.1, .steps = 25};
  const Plan fine{.beta = 0.1, .steps = 50};

  const auto early = law_after(fine, 10);
  const auto late = law_after(fine, fine.episodes);
  const auto at_twice_the_step = law_after(coarse, coarse.episodes);

  INFO("KL after 10 episodes " << early.divergence << ", after 200 " << late.divergence
                               << ", at twice the step " << at_twice_the_step.divergence);
  CHECK(late.divergence < 0.5 * early.divergence);
  CHECK(late.divergence < 0.75 * at_twice_the_step.divergence);
}

}  // namespace
