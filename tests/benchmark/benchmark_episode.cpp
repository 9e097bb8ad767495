// SPDX-License-Identifier: MIT
// Milliseconds of one episode of training on one rank, and where they go, in the setting of the
// paper's Swiss roll and in one of the size of the digits. How to build and run it: CMakeLists.txt
// in this folder.
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "problem.hpp"

#include <tropism/base/memory.hpp>
#include <tropism/conditional/label_family.hpp>

namespace {

using namespace tropism;
using benchmark::Problem;
using Clock = std::chrono::steady_clock;

constexpr int warm_up = 20;            // episodes that are not counted
constexpr double least_seconds = 5.0;  // of episodes that are

const comm::Communicator& alone() {
  static const auto comm = comm::Communicator::alone();
  return comm;
}

std::shared_ptr<const control::Family> family_of(const Problem& problem,
                                                 const training::DataSummary& summary,
                                                 const control::ModelSetting& setting) {
  torch::Tensor log_weights, groups;
  if (setting.beta > 0.0 && setting.value.form == "data")  // no other form looks at the tilt
    log_weights = setting.reward->evaluate(problem.data.x) * (0.5 * setting.beta);
  if (problem.data.label) groups = *problem.data.label;
  const auto num_groups = std::max<std::int64_t>(1, setting.features);
  auto rows = std::make_shared<score::RatioData>(alone(), score::Scope::local,
                                                 score::DataRows{.x = problem.data.x,
                                                                 .groups = groups,
                                                                 .num_groups = num_groups,
                                                                 .log_weights = log_weights},
                                                 summary.moments.mean, 0);
  auto ratio = std::make_shared<score::RatioSetting>(
      score::RatioSetting{&alone(), setting.process, std::move(rows), problem.score,
                          base::RandomStream(1, base::Purpose::estimator_rows)});
  if (!problem.data.label) return std::make_shared<control::Unconditional>(std::move(ratio));
  return std::make_shared<conditional::LabelFamily>(
      std::move(ratio), conditional::Labels(summary.label_values, summary.label_counts),
      conditional::LabelPrior::data, 1);
}

training::Trainer trainer_of(const Problem& problem) {
  const auto summary = training::summarise(alone(), problem.data, true);
  const auto setting = model_of(problem, summary);
  const control::Environment environment = {
      .process = setting.process,
      .grid = diffusion::make_time_grid({.steps = 20}, *setting.process),
      .simulator = diffusion::make_simulator({}),
      .dimension = setting.dimension,
      .actions = problem.config.algorithm.actions == "sampled" ? control::Actions::sampled
                                                               : control::Actions::mean,
      .temperature = problem.config.algorithm.temperature};
  return {alone(), problem.config, environment, std::make_shared<control::ActorCritic>(setting),
          family_of(problem, summary, setting)};
}

nlohmann::ordered_json measure(const Problem& problem) {
  auto trainer = trainer_of(problem);
  for (int i = 0; i < warm_up; ++i) static_cast<void>(trainer.advance(false));
  trainer.time() = {};
  const auto start = Clock::now();
  int episodes = 0;
  double seconds = 0.0;
  for (; seconds < least_seconds; ++episodes) {
    static_cast<void>(trainer.advance(false));
    seconds = std::chrono::duration<double>(Clock::now() - start).count();
  }
  const auto each = [&](double spent) { return 1e3 * spent / episodes; };
  const auto& time = trainer.time();
  return {{"benchmark", "episode"},           {"setting", problem.name},
          {"threads", at::get_num_threads()}, {"episodes", episodes},
          {"milliseconds", each(seconds)},    {"rollout", each(time.rollout)},
          {"score", each(time.score)},        {"learn", each(time.learn)},
          {"reduce", each(time.reduce)}};
}

}  // namespace

/// Arguments: the settings to measure; without any, all.
int main(int argc, char** argv) {
  base::keep_freed_memory();  // as the program does
  const std::vector<std::string> asked(argv + 1, argv + argc);
  for (const auto& problem : {benchmark::swiss_roll(), benchmark::digits()})
    if (asked.empty() || std::find(asked.begin(), asked.end(), problem.name) != asked.end())
      std::cout << measure(problem) << std::endl;
}
