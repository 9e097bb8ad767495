// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "swiss_roll_study.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

constexpr std::array<double, 3> wanted_rewards = {0.7, 0.8, 0.9};
constexpr int steps = 40;       // dt = 0.25
constexpr double horizon = 10;  // T
// Nothing holds DDPO near the data: slowly, it has the reward before it has gone far from them.
constexpr double best_rate_of_ddpo = 3e-4;
constexpr double fine_tuning = 0.25;  // episodes, of those of pretraining; the paper is silent

/// Where a table starts from: a model, and its share of the episodes of model A.
struct Start {
  const char* row;
  const char* key;
  double published_share, best_share;
};
constexpr Start good_model = {"pretrained A", "pretrained-a", 1.0, 1.0};
// 30,000 of 50,000 episodes as published; ours are good by then.
constexpr Start bad_model = {"pretrained B", "pretrained-b", 0.6, 0.125};

struct Method {
  const char* title;
  const char* name;  // [algorithm] name
};
constexpr Method ddpo = {"DDPO", "ddpo"}, dpok = {"DPOK", "dpok"},
                 q_learning = {"q-learning", "q-learning"};

std::string row_name(const Method& method, double reward) {
  return std::string(method.title) + ", reward " + significant(reward, 2);
}

/// [GZZ24 v1, Table 3]
std::vector<PublishedRow> table_3() {
  return {{"pretrained A", 0.52, 0.006, 0.17, 0.019},
          {"DDPO", 1.00, 0.001, 2.97, 0.024},
          {row_name(dpok, 0.7), 0.70, 0.004, 0.21, 0.021},
          {row_name(q_learning, 0.7), 0.70, 0.005, 0.29, 0.023},
          {row_name(dpok, 0.8), 0.80, 0.004, 0.38, 0.023},
          {row_name(q_learning, 0.8), 0.80, 0.003, 0.39, 0.026},
          {row_name(dpok, 0.9), 0.90, 0.003, 0.69, 0.024},
          {row_name(q_learning, 0.9), 0.90, 0.003, 0.66, 0.024}};
}

/// [GZZ24 v1, Table 4]; half widths of the rewards are not printed.
std::vector<PublishedRow> table_4() {
  return {{"pretrained B", 0.55, 0.005, 0.68, 0.026},
          {row_name(dpok, 0.7), 0.70, 0.0, 0.90, 0.025},
          {row_name(q_learning, 0.7), 0.70, 0.0, 0.30, 0.023},
          {row_name(dpok, 0.8), 0.80, 0.0, 1.03, 0.027},
          {row_name(q_learning, 0.8), 0.80, 0.0, 0.42, 0.023},
          {row_name(dpok, 0.9), 0.90, 0.0, 1.21, 0.028},
          {row_name(q_learning, 0.9), 0.90, 0.0, 0.64, 0.026}};
}

/// Of Algorithm 1 for a share of the episodes.
Config config_of(Recipe recipe, const ReproduceSetting& setting, double share) {
  auto config = swiss_roll_config(recipe, setting);
  config.run.episodes = std::max(1, static_cast<int>(share * config.run.episodes));
  config.process.terminal_time = horizon;
  config.time_grid.steps = steps;
  return config;
}

/// As published REINFORCE: one update for each episode, no clipping, the batch's mean as baseline.
Config config_of(Recipe recipe, const ReproduceSetting& setting, const Method& method) {
  auto config = config_of(recipe, setting, fine_tuning);
  config.algorithm.name = method.name;
  if (config.algorithm.name == "q-learning") return config;
  config.value = control::ValueConfig();
  config.algorithm.policy_update = "expected";
  config.algorithm.actions = "mean";
  if (recipe == Recipe::published) {
    config.algorithm.updates = 1;
    config.algorithm.clip_range = 0.0;
  } else if (config.algorithm.name == "ddpo") {
    config.optimizer.learning_rate = best_rate_of_ddpo;
  }
  return config;
}

SwissRollRun run_of(Recipe recipe, const ReproduceSetting& setting, const Start& start,
                    const Method& method, std::optional<double> reward) {
  return {.row = reward ? row_name(method, *reward) : method.title,
          .key = std::string(method.name) + (reward ? "-" + significant(*reward, 2) : ""),
          .recipe = recipe,
          .config = config_of(recipe, setting, method),
          .pretrained = start.key,
          .wanted_reward = reward};
}

std::string choices_text(const ReproduceSetting& setting, const Start& start) {
  const auto episodes = [&](Recipe recipe, double share) {
    return std::to_string(config_of(recipe, setting, share).run.episodes);
  };
  return "300 rows of the noiseless Swiss roll, h = 1 for -5 <= y1 <= 6, f = 1, g = sqrt(2), T = "
         "10, 40 steps. All methods go on from\n" +
         std::string(start.row) +
         ", trained by Algorithm 1 with beta = 0. The paper prints neither beta nor how long the "
         "methods train; beta is\nlooked for. paper: as printed. published: Tables 1 and 2, " +
         episodes(Recipe::published, start.published_share) + " episodes of pretraining, then " +
         episodes(Recipe::published, fine_tuning) +
         "; DDPO and DPOK by\nREINFORCE with one update an episode. best: " +
         text_of_best(setting) + ",\n" + episodes(Recipe::best, start.best_share) +
         " episodes, then " + episodes(Recipe::best, fine_tuning) +
         "; DDPO and DPOK by ten clipped updates an episode, DDPO at a "
         "learning rate of 3e-4.\nSampling by the mean policy, last step with noise. "
         "beta of DPOK weighs against a KL of the path,\nq-learning's against twice that: b of "
         "DPOK means 2b of q-learning.\n";
}

void add_runs(Recipe recipe, const ReproduceSetting& setting, const Start& start,
              SwissRollStudy& study) {
  const double share = recipe == Recipe::published ? start.published_share : start.best_share;
  study.runs.push_back({.row = start.row,
                        .key = start.key,
                        .recipe = recipe,
                        .config = config_of(recipe, setting, share)});
  for (const double reward : wanted_rewards)
    for (const auto& method : {dpok, q_learning})
      study.runs.push_back(run_of(recipe, setting, start, method, reward));
}

SwissRollStudy study_of(const ReproduceSetting& setting, const Start& start) {
  SwissRollStudy study;
  study.choices = choices_text(setting, start);
  for (const auto recipe : setting.recipes) add_runs(recipe, setting, start, study);
  return study;
}

}  // namespace

std::optional<Results> reproduce_table_3(const ReproduceSetting& setting,
                                         const comm::Communicator& comm) {
  auto study = study_of(setting, good_model);
  for (const auto recipe : setting.recipes)
    study.runs.push_back(run_of(recipe, setting, good_model, ddpo, std::nullopt));
  study.title = "Table 3: Swiss roll, from a good pretrained model";
  study.choices = "Table 3 of Gao, Zha, Zhou (arXiv 2409.04832).\n" + study.choices;
  study.published = table_3();
  return reproduce_study(study, setting, comm);
}

std::optional<Results> reproduce_table_4(const ReproduceSetting& setting,
                                         const comm::Communicator& comm) {
  auto study = study_of(setting, bad_model);
  study.title = "Table 4: Swiss roll, from a bad pretrained model";
  study.choices = "Table 4 of Gao, Zha, Zhou (arXiv 2409.04832).\n" + study.choices;
  study.published = table_4();
  return reproduce_study(study, setting, comm);
}

}  // namespace tropism::app
