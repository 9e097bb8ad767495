// SPDX-License-Identifier: MIT
// Samples per second of each simulator, in the setting of the paper's Swiss roll and in one of the
// size of the digits, with networks that are not trained: the arithmetic is the same. Beside them
// what the network alone and the normal numbers alone would take, and the peak of the machine. How
// to build and run it: CMakeLists.txt in this folder.
#include <ATen/Parallel.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "best_time.hpp"
#include "machine_peak.hpp"
#include "problem.hpp"

#include <tropism/base/memory.hpp>
#include <tropism/conditional/context_field.hpp>
#include <tropism/control/family.hpp>
#include <tropism/sampling/sampler.hpp>

namespace {

using namespace tropism;
using benchmark::best_time;
using benchmark::Problem;

constexpr int steps = 20;
constexpr const char* simulators[] = {"euler-maruyama", "exponential",    "ode-euler", "ddim",
                                      "heun",           "dpm-solver++2m", "deis"};

/// All that samples are drawn with.
struct Drawing {
  std::int64_t samples;
  sampling::Sampler sampler;
  std::shared_ptr<control::ActorCritic> networks;

  /// Labels in turn.
  [[nodiscard]] std::shared_ptr<const score::ScoreFunction> score_of(comm::RowRange rows) const {
    const auto labels = networks->setting().features;
    if (labels == 0) return networks->policy_mean(control::without_context());
    const auto places = torch::arange(rows.first, rows.first + rows.count, torch::kInt64) % labels;
    return networks->policy_mean(conditional::with_labels(places, labels));
  }
};

Drawing drawing_of(const Problem& problem, std::int64_t samples, const char* simulator) {
  const auto alone = comm::Communicator::alone();
  const auto setting = model_of(problem, training::summarise(alone, problem.data, true));
  return {samples,
          {.process = setting.process,
           .grid = diffusion::make_time_grid({.steps = steps}, *setting.process),
           .simulator = diffusion::make_simulator({simulator}),
           .dimension = setting.dimension},
          std::make_shared<control::ActorCritic>(setting)};
}

/// Of one evaluation of the policy: one for each weight.
double multiply_adds(const control::ActorCritic& networks) {
  std::int64_t weights = 0;
  for (const auto& parameter : networks.named_parameters())
    if (parameter.key().starts_with("policy.") && parameter.key().ends_with("weight"))
      weights += parameter.value().numel();
  return static_cast<double>(weights);
}

double seconds_of_samples(const Drawing& drawing) {
  return best_time([&] {
    (void)sampling::draw_samples(drawing.sampler,
                                 [&](comm::RowRange rows) { return drawing.score_of(rows); },
                                 {0, drawing.samples});
  });
}

/// As many evaluations as Euler-Maruyama makes.
double seconds_of_network(const Drawing& drawing, double blocks) {
  const auto rows = sampling::sample_block_rows;
  const auto score = drawing.score_of({0, rows});
  const auto y = torch::ones({rows, drawing.sampler.dimension}), t = torch::ones({rows});
  return blocks * steps * best_time([&] { (void)score->score(y, t); });
}

double seconds_of_noise(const Drawing& drawing, double blocks) {
  const base::RandomStream stream(1, base::Purpose::evaluation);
  const auto draw = [&] {
    (void)stream.normal(0, 0, sampling::sample_block_rows, drawing.sampler.dimension);
  };
  return blocks * steps * best_time(draw);
}

nlohmann::ordered_json measure(const Problem& problem, const Drawing& drawing,
                               const char* simulator, double peak) {
  const auto samples = static_cast<double>(drawing.samples);
  const auto rows = sampling::sample_block_rows;
  const auto blocks = static_cast<double>((drawing.samples + rows - 1) / rows);
  const double seconds = seconds_of_samples(drawing);
  const double network = seconds_of_network(drawing, blocks);
  const double work = samples * steps * multiply_adds(*drawing.networks);
  return {{"benchmark", "sampling"},
          {"setting", problem.name},
          {"simulator", simulator},
          {"samples", drawing.samples},
          {"steps", steps},
          {"threads", at::get_num_threads()},
          {"samples_per_second", samples / seconds},
          {"share_of_network", network / seconds},
          {"share_of_normal_numbers", seconds_of_noise(drawing, blocks) / seconds},
          {"million_multiply_adds_per_second", work / seconds / 1e6},
          {"million_multiply_adds_per_second_of_network", work / network / 1e6},
          {"million_multiply_adds_per_second_at_best", peak / 1e6},
          {"share_of_peak", work / seconds / peak}};
}

}  // namespace

/// One setting, by its name, or all.
int main(int argc, char** argv) {
  base::keep_freed_memory();  // as the program does
  const torch::NoGradGuard no_grad;
  const double peak = benchmark::multiply_adds_per_second();
  const std::pair<Problem, std::int64_t> settings[] = {{benchmark::swiss_roll(), 20000},
                                                       {benchmark::digits(), 2000}};
  for (const auto& [problem, samples] : settings) {
    if (argc > 1 && problem.name != argv[1]) continue;
    for (const char* simulator : simulators) {
      const auto drawing = drawing_of(problem, samples, simulator);
      std::cout << measure(problem, drawing, simulator, peak) << std::endl;
    }
  }
}
