// SPDX-License-Identifier: MIT
#include "problem.hpp"

#include <tropism/base/random.hpp>
#include <tropism/data/synthetic.hpp>

namespace tropism::benchmark {

Problem swiss_roll() {
  Problem problem;
  problem.name = "swiss-roll";
  problem.data = data::swiss_roll(300, 0.0, 1);
  problem.config.run.batch = 300;
  problem.policy.mlp = {.width = 64, .depth = 2, .activation = "tanh+relu"};
  problem.policy.mean = "plain";
  auto& value = problem.config.value;
  value.network = "mlp";
  value.mlp = problem.policy.mlp;
  value.form = "plain";
  value.inputs = "raw";
  value.target = "temporal-difference";
  value.warmup = value.ramp = 0;
  value.gradient_limit = 0.0;
  problem.config.algorithm.policy_update = "sampled";
  problem.config.algorithm.actions = "sampled";
  problem.config.algorithm.temperature = 5.0;
  problem.process.terminal_time = 5.0;
  problem.score.floor = 1e-20;
  problem.reward.kind = "box";
  problem.reward.beta = 30.0;
  problem.reward.low = {-5.0};
  problem.reward.high = {6.0};
  return problem;
}

Problem digits() {
  Problem problem;
  problem.name = "digits-like";
  const auto uniform = base::RandomStream(1, base::Purpose::evaluation).uniform(0, 0, 1797, 64);
  problem.data = data::whole_dataset(uniform * 2.0 - 1.0);
  problem.data.label = torch::arange(1797) % 10;
  problem.config.run.batch = 100;
  return problem;
}

control::ModelSetting model_of(const Problem& problem, const training::DataSummary& summary) {
  control::ModelSetting setting;
  setting.policy = problem.policy;
  setting.value = problem.config.value;
  setting.beta = problem.reward.beta;
  setting.reward = reward::make_reward(problem.reward, summary.dimension());
  setting.process = diffusion::make_process(problem.process);
  setting.moments = summary.moments;
  setting.dimension = summary.dimension();
  setting.features = static_cast<std::int64_t>(summary.label_values.size());
  return setting;
}

}  // namespace tropism::benchmark
