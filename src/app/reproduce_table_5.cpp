// SPDX-License-Identifier: MIT
#include <array>

#include "swiss_roll_study.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

constexpr double wanted_reward = 0.8;  // of table 6
constexpr const char* sde = "euler-maruyama";
// Of T, in ours: where the last step of table 6's SDE starts, whose noise stays in the samples.
constexpr double smallest_time_of_sde = 3e-4;

struct Solver {
  const char* title;
  const char* kind;  // [simulator] kind
};
constexpr std::array<Solver, 3> solvers = {
    {{"SDE", sde}, {"ODE-Euler", "ode-euler"}, {"DDIM", "ddim"}}};
constexpr std::array<int, 3> step_numbers = {50, 10, 5};  // dt = 0.1, 0.5, 1

std::string row_name(const std::string& solver, int steps) {
  return solver + ", " + std::to_string(steps) + " steps";
}

/// [GZZ24, Table 5]; half widths of the rewards are not printed.
std::vector<PublishedRow> table_5() {
  return {{"SDE, 50 steps", 0.45, 0.0, 0.18, 0.020},
          {"ODE-Euler, 50 steps", 0.44, 0.0, 0.11, 0.016},
          {"DDIM, 50 steps", 0.44, 0.0, 0.14, 0.018},
          {"SDE, 10 steps", 0.46, 0.0, 0.35, 0.024},
          {"ODE-Euler, 10 steps", 0.44, 0.0, 0.23, 0.022},
          {"DDIM, 10 steps", 0.45, 0.0, 0.15, 0.019},
          {"SDE, 5 steps", 0.46, 0.0, 0.83, 0.026},
          {"ODE-Euler, 5 steps", 0.44, 0.0, 0.56, 0.024},
          {"DDIM, 5 steps", 0.46, 0.0, 0.72, 0.022}};
}

/// [GZZ24, Table 6]
std::vector<PublishedRow> table_6() {
  return {{"SDE, 50 steps", 0.8, 0.0, 0.24, 0.024},
          {"ODE-Euler, 50 steps", 0.8, 0.0, 0.62, 0.022},
          {"DDIM, 50 steps", 0.8, 0.0, 0.50, 0.027},
          {"SDE, 10 steps", 0.8, 0.0, 0.77, 0.024},
          {"ODE-Euler, 10 steps", 0.8, 0.0, 0.72, 0.024},
          {"DDIM, 10 steps", 0.8, 0.0, 0.61, 0.025},
          {"SDE, 5 steps", 0.8, 0.0, 1.29, 0.027},
          {"ODE-Euler, 5 steps", 0.8, 0.0, 1.07, 0.025},
          {"DDIM, 5 steps", 0.8, 0.0, 1.22, 0.028}};
}

/// f = 0, g = sqrt(2). As published T = 5 and equal steps, so that the prior has sd 3.2 where the
/// noised data have 7.4. Ours: a prior of sd 10, and steps that become short where noise is small.
Config config_of(Recipe recipe, const ReproduceSetting& setting, const Solver& solver, int steps,
                 std::optional<double> reward) {
  auto config = swiss_roll_config(recipe, setting);
  config.process.drift = 0.0;
  config.simulator.kind = solver.kind;
  config.time_grid.steps = steps;
  if (recipe == Recipe::best) {
    config.process.terminal_time = 50.0;
    config.time_grid.kind = "karras";
    config.optimizer.clip_norm = 0.0;
    config.algorithm.optimum = "tilted-score";
    if (reward && config.simulator.kind == sde)
      config.time_grid.smallest_time = smallest_time_of_sde;
  }
  return config;
}

std::string choices_text(const ReproduceSetting& setting, std::optional<double> reward) {
  const auto episodes = [&](Recipe recipe) {
    return std::to_string(swiss_roll_config(recipe, setting).run.episodes);
  };
  return "300 rows of the noiseless Swiss roll, h = 1 for -5 <= y1 <= 6, noising by f = 0, g = "
         "sqrt(2) (Section 7.1).\npaper: as printed. published: our training with Tables 1 and 2, "
         "T "
         "= 5, equal steps, " +
         episodes(Recipe::published) +
         " episodes (50000 as published).\nbest: the same solver and number of steps, T = 50, "
         "Karras steps, expected update towards the tilted score, ten updates an episode,\n"
         "preconditioned mean of 3 x 128 units, " +
         episodes(Recipe::best) +
         " episodes. Sampling by the mean policy, the SDE's last step with noise" +
         (reward ? ", from " + significant(smallest_time_of_sde, 1) + " T on.\n" : ".\n");
}

SwissRollStudy study_of(const ReproduceSetting& setting, std::optional<double> reward) {
  SwissRollStudy study;
  study.choices = choices_text(setting, reward);
  study.published = reward ? table_6() : table_5();
  for (const int steps : step_numbers)
    for (const auto& solver : solvers)
      for (const auto recipe : setting.recipes)
        study.runs.push_back({.row = row_name(solver.title, steps),
                              .key = std::string(solver.kind) + "-" + std::to_string(steps),
                              .recipe = recipe,
                              .config = config_of(recipe, setting, solver, steps, reward),
                              .pretrained = {},
                              .wanted_reward = reward});
  return study;
}

}  // namespace

std::optional<Results> reproduce_table_5(const ReproduceSetting& setting,
                                         const comm::Communicator& comm) {
  auto study = study_of(setting, std::nullopt);
  study.title = "Table 5: Swiss roll by three solvers, no reward";
  study.choices = "Table 5 of Gao, Zha, Zhou (arXiv 2409.04832), beta = 0.\n" + study.choices;
  return reproduce_study(study, setting, comm);
}

std::optional<Results> reproduce_table_6(const ReproduceSetting& setting,
                                         const comm::Communicator& comm) {
  auto study = study_of(setting, wanted_reward);
  study.title = "Table 6: Swiss roll by three solvers, mean reward 0.8";
  study.choices =
      "Table 6 of Gao, Zha, Zhou (arXiv 2409.04832), mean reward 0.8; the paper does not print its "
      "beta, ours is looked for.\n" +
      study.choices;
  return reproduce_study(study, setting, comm);
}

}  // namespace tropism::app
