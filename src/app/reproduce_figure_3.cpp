// SPDX-License-Identifier: MIT
#include <array>

#include "swiss_roll_study.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

constexpr std::array<double, 4> betas = {0.0, 5.0, 10.0, 30.0};  // the paper names 0 and 30
constexpr std::array<int, 6> row_numbers = {30, 60, 90, 120, 150, 300};
constexpr double wanted_reward = 0.8;  // of the second column of the table of m

std::string setting_text(const ReproduceSetting& setting) {
  const auto episodes = [&](Recipe recipe) {
    return std::to_string(swiss_roll_config(recipe, setting).run.episodes);
  };
  return "300 rows of the noiseless Swiss roll, h = 1 for -5 <= y1 <= 6, f = 1, g = sqrt(2), T = "
         "5.\npublished: Tables 1 and 2, 20 equal steps, " +
         episodes(Recipe::published) + " episodes (50000 as published). best: 50 " +
         text_of_best(setting) + ", " + episodes(Recipe::best) +
         " episodes. Sampling by the mean policy, last step with noise.\n";
}

std::string row_name(int m, bool rewarded) {
  return "m = " + std::to_string(m) + (rewarded ? ", reward 0.8" : ", beta 0");
}

/// [GZZ24 v2]: KL with beta = 0, whose reward is not printed, and at reward 0.8.
std::vector<PublishedRow> table_of_m() {
  return {
      {row_name(30, false), {}, 0.0, 0.33, 0.017},  {row_name(60, false), {}, 0.0, 0.32, 0.016},
      {row_name(90, false), {}, 0.0, 0.20, 0.019},  {row_name(120, false), {}, 0.0, 0.17, 0.016},
      {row_name(150, false), {}, 0.0, 0.18, 0.016}, {row_name(300, false), {}, 0.0, 0.17, 0.019},
      {row_name(30, true), 0.8, 0.0, 0.88, 0.026},  {row_name(60, true), 0.8, 0.0, 0.51, 0.027},
      {row_name(90, true), 0.8, 0.0, 0.42, 0.025},  {row_name(120, true), 0.8, 0.0, 0.40, 0.029},
      {row_name(150, true), 0.8, 0.0, 0.38, 0.025}, {row_name(300, true), 0.8, 0.0, 0.39, 0.026}};
}

SwissRollRun run_of_beta(Recipe recipe, const ReproduceSetting& setting, double beta) {
  SwissRollRun run = {.row = "beta = " + significant(beta, 3),
                      .key = "beta-" + significant(beta, 3),
                      .recipe = recipe,
                      .config = swiss_roll_config(recipe, setting)};
  run.config.reward.beta = beta;
  return run;
}

/// Batches are of m samples, as in the paper.
SwissRollRun run_of_m(Recipe recipe, const ReproduceSetting& setting, int m, bool rewarded) {
  SwissRollRun run = {.row = row_name(m, rewarded),
                      .key = "m-" + std::to_string(m) + (rewarded ? "-reward" : ""),
                      .recipe = recipe,
                      .config = swiss_roll_config(recipe, setting),
                      .batch_rows = m};
  if (m < num_swiss_roll_rows) run.config.score.samples = m;
  if (rewarded) run.wanted_reward = wanted_reward;
  return run;
}

}  // namespace

std::optional<Results> reproduce_figure_3(const ReproduceSetting& setting,
                                          const comm::Communicator& comm) {
  SwissRollStudy study = {.title = "Swiss roll with the reward of -5 <= y1 <= 6",
                          .picture = StudyPicture::samples,
                          .choices =
                              "Figure 3 of Gao, Zha, Zhou (arXiv 2409.04832), which shows samples "
                              "and prints no numbers; of its betas only 0 and 30 are named.\n" +
                              setting_text(setting)};
  for (const auto recipe : setting.recipes)
    for (const double beta : betas) study.runs.push_back(run_of_beta(recipe, setting, beta));
  return reproduce_study(study, setting, comm);
}

std::optional<Results> reproduce_table_m(const ReproduceSetting& setting,
                                         const comm::Communicator& comm) {
  SwissRollStudy study = {
      .title = "Swiss roll with m rows per estimate",
      .choices =
          "m rows drawn afresh for each estimate, Gao, Zha, Zhou (arXiv 2409.04832v2); "
          "batches of m samples. beta of reward 0.8 is looked for.\n" +
          setting_text(setting),
      .published = table_of_m()};
  for (const bool rewarded : {false, true})
    for (const int m : row_numbers)
      for (const auto recipe : setting.recipes)
        study.runs.push_back(run_of_m(recipe, setting, m, rewarded));
  return reproduce_study(study, setting, comm);
}

}  // namespace tropism::app
