// SPDX-License-Identifier: MIT
#include "swiss_roll_study.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>

#include <tropism/base/error.hpp>
#include <tropism/base/nearest_name.hpp>
#include <tropism/comm/agreement.hpp>
#include <tropism/comm/collectives.hpp>
#include <tropism/data/synthetic.hpp>
#include <tropism/evaluation/report.hpp>
#include <tropism/evaluation/reward_summary.hpp>
#include <tropism/training/checkpoint.hpp>
#include <tropism/training/trainer.hpp>

#include "drawing.hpp"
#include "reproduce_training.hpp"
#include "text_table.hpp"

namespace tropism::app {
namespace {

enum class Outcome { done, stopped, diverged };

/// Where the search for beta ends: when it is near enough, or has taken enough trainings.
struct SearchLimits {
  double tolerance;
  std::size_t trials;
};

bool has_ended(const BetaSearch& search, const SearchLimits& limits) {
  return search.reached(limits.tolerance) || search.in_vain(limits.tolerance) ||
         search.is_left_to_chance(limits.tolerance) || search.trials().size() >= limits.trials;
}

std::int64_t batches_of(const ReproduceSetting& setting) {
  return setting.batches.value_or(setting.effort == Effort::quick ? 10 : 100);
}

/// Half the 95 % interval of the mean of so many indicators.
double half_width_of(double mean, std::int64_t count) {
  return *evaluation::half_width(std::sqrt(mean * (1.0 - mean) / static_cast<double>(count)));
}

/// A mean reward is not asked for more exactly than the samples tell it, nor than trainings whose
/// rate never falls hold it: in the last thousand episodes of five it moved by 0.003 to 0.06.
SearchLimits limits_of(const ReproduceSetting& setting, const SwissRollRun& run) {
  const bool quick = setting.effort == Effort::quick;
  const double held = quick ? 0.02 : run.recipe == Recipe::published ? 0.01 : 0.005;
  const double told = half_width_of(*run.wanted_reward, run.batch_rows * batches_of(setting));
  return {std::max(held, told), quick ? std::size_t{3} : std::size_t{8}};
}

/// A number that can stand in the name of a directory and means the same there.
double rounded(double beta) {
  return std::stod(significant(beta, 4));
}

/// A model that others may start from.
struct Pretrained {
  std::string checkpoint;
  double reward = 0.0;
};

/// Carries out runs one after the other. All members are collective.
class Runner {
 public:
  Runner(const ReproduceSetting& setting, const comm::Communicator& comm)
      : setting_(setting), comm_(comm), data_(data::swiss_roll(num_swiss_roll_rows, 0.0, 1)) {
    write_training_data(setting, data_, comm);
  }

  [[nodiscard]] Outcome carry_out(SwissRollLine& line) {
    if (has_no_start(line.run)) return Outcome::diverged;
    return line.run.wanted_reward ? search(line) : try_beta(line, line.run.config.reward.beta);
  }

  [[nodiscard]] const torch::Tensor& rows() const { return data_.x; }

  [[nodiscard]] JudgedRun judge_fresh_rows() const {
    const auto fresh = data::swiss_roll(num_swiss_roll_rows * batches_of(setting_), 0.0, 2).x;
    return judge(swiss_roll_config(Recipe::published, setting_).reward, fresh, num_swiss_roll_rows);
  }

 private:
  /// Trains with one beta after the other; the line keeps what came nearest.
  Outcome search(SwissRollLine& line) {
    const auto limits = limits_of(setting_, line.run);
    BetaSearch search(*line.run.wanted_reward, guess_for(line.run));
    std::vector<std::optional<JudgedRun>> judged;
    while (!has_ended(search, limits)) {
      const double beta = rounded(search.next());
      const auto outcome = try_beta(line, beta);
      if (outcome == Outcome::stopped) return outcome;
      if (outcome == Outcome::diverged) break;
      judged.push_back(line.judged);
      search.add({beta, agreed_reward(line)});
      tell(search.trials().back());
      line.trials = search.trials();
    }
    if (judged.empty()) return Outcome::diverged;
    line.judged = judged[search.nearest()];
    return Outcome::done;
  }

  void tell(const BetaSearch::Trial& trial) const {
    if (setting_.progress != ProgressMode::none && comm_.is_root())
      std::cerr << "tropism: beta = " << significant(trial.beta, 4) << " gives a mean reward of "
                << significant(trial.reward, 3) << ".\n";
  }

  Outcome try_beta(SwissRollLine& line, double beta) {
    const auto config = config_of(line.run, beta);
    line.judged.reset();
    try {
      if (!train_for(setting_, config, comm_)) return Outcome::stopped;
      line.judged = draw_and_judge(line.run, config);
    } catch (const base::NumericalError& error) {
      if (!training::all_ranks_know(error, comm_)) throw;
      if (comm_.is_root())
        std::cerr << "tropism: " << line.run.key << " diverges. " << error.what() << '\n';
      return Outcome::diverged;
    }
    models_[name_of(line.run)] = {last_checkpoint(config), agreed_reward(line)};
    return Outcome::done;
  }

  /// Whether the model to start from has diverged.
  [[nodiscard]] bool has_no_start(const SwissRollRun& run) const {
    return !run.pretrained.empty() && models_.count(pretrained_name(run)) == 0;
  }

  [[nodiscard]] JudgedRun draw_and_judge(const SwissRollRun& run, const Config& config) const {
    DrawOptions options;
    options.checkpoint = last_checkpoint(config);
    options.samples = run.batch_rows * batches_of(setting_);
    options.last_step = "with-noise";  // as published
    const auto samples = draw_from_checkpoint(options, comm_, ProgressMode::none).x;
    return comm::together(comm_, [&] {
      if (!comm_.is_root()) return JudgedRun();
      auto judged = judge(config.reward, samples, run.batch_rows);
      judged.seconds = training::load_checkpoint(options.checkpoint).wall_seconds;
      return judged;
    });
  }

  [[nodiscard]] JudgedRun judge(const reward::RewardConfig& reward, const torch::Tensor& samples,
                                std::int64_t batch_rows) const {
    evaluation::ReportConfig config;
    config.reward = reward;
    config.metrics = {"reward", "kl", "memorisation"};
    config.batches = {batch_rows, batches_of(setting_)};
    const auto all = evaluation::make_report({samples, {}}, data_, config).all;
    return {.beta = reward.beta,
            .reward = all.samples.reward->moments,
            .divergence = all.divergence,
            .floor = all.floor ? std::optional(all.floor->divergence) : std::nullopt,
            .nearest = all.nearest.ratio,
            .samples = samples};
  }

  [[nodiscard]] static std::string name_of(const SwissRollRun& run) {
    return run.key + "-" + app::name_of(run.recipe);
  }

  [[nodiscard]] Config config_of(const SwissRollRun& run, double beta) const {
    auto config = run.config;
    const auto name = name_of(run) + (run.wanted_reward ? "-beta-" + significant(beta, 4) : "");
    config.run.directory = run_directory(setting_, name);
    config.data.path = data_directory(setting_);
    config.reward.beta = beta;
    if (!run.pretrained.empty())
      config.algorithm.pretrained = models_.at(pretrained_name(run)).checkpoint;
    config.validate();
    return config;
  }

  [[nodiscard]] static std::string pretrained_name(const SwissRollRun& run) {
    return run.pretrained + "-" + app::name_of(run.recipe);
  }

  /// Policy gradients stay near the model they start from; q-learning's optimum is the tilt of the
  /// data, wherever it starts.
  [[nodiscard]] BetaGuess guess_for(const SwissRollRun& run) const {
    if (run.config.algorithm.is_policy_gradient())
      return {models_.at(pretrained_name(run)).reward, 1.0, true};
    return {rewards_of_rows(run.config.reward, data_.x).mean().item<double>(), 0.5, false};
  }

  [[nodiscard]] double agreed_reward(const SwissRollLine& line) const {
    auto reward = torch::zeros({1}, torch::kFloat64);
    if (comm_.is_root()) reward[0] = line.judged->reward.mean.value_or(0.0);
    comm::broadcast(comm_, reward);
    return reward.item<double>();
  }

  const ReproduceSetting& setting_;
  const comm::Communicator& comm_;
  data::Dataset data_;
  std::map<std::string, Pretrained> models_;  // by name_of(run)
};

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void refuse_unknown_rows(const SwissRollStudy& study, const std::vector<std::string>& rows) {
  const auto known = rows_of(study);
  for (const auto& row : rows) {
    if (is_among(known, row)) continue;
    std::vector<std::string> choices;
    for (const auto& choice : known) choices.push_back("\"" + choice + "\"");
    throw base::ConfigError("--row \"" + row + "\" is no row of this table: it must be " +
                            base::join_choices(choices) + ".");
  }
}

/// The lines of these rows, and the models that they go on from.
SwissRollStudy narrowed(SwissRollStudy study, std::vector<std::string> rows) {
  if (rows.empty()) return study;
  refuse_unknown_rows(study, rows);
  for (const auto& run : study.runs)
    for (const auto& start : study.runs)
      if (is_among(rows, run.row) && run.pretrained == start.key) rows.push_back(start.row);
  const auto is_left_out = [&](const auto& line) { return !is_among(rows, line.row); };
  std::erase_if(study.runs, is_left_out);
  std::erase_if(study.published, is_left_out);
  return study;
}

}  // namespace

std::vector<std::string> rows_of(const SwissRollStudy& study) {
  std::vector<std::string> rows;
  const auto add = [&](const auto& line) {
    if (!is_among(rows, line.row)) rows.push_back(line.row);
  };
  std::for_each(study.runs.begin(), study.runs.end(), add);
  std::for_each(study.published.begin(), study.published.end(), add);
  return rows;
}

std::optional<SwissRollResults> carry_out(const SwissRollStudy& study,
                                          const ReproduceSetting& setting,
                                          const comm::Communicator& comm) {
  Runner runner(setting, comm);
  SwissRollResults found;
  for (const auto& run : study.runs) {
    found.lines.push_back({run, {}, {}});
    if (runner.carry_out(found.lines.back()) == Outcome::stopped) return std::nullopt;
  }
  if (!comm.is_root()) return found;
  found.data = runner.rows();
  found.fresh = runner.judge_fresh_rows();
  return found;
}

std::optional<Results> reproduce_study(const SwissRollStudy& study, const ReproduceSetting& setting,
                                       const comm::Communicator& comm) {
  const auto chosen = comm::together(comm, [&] { return narrowed(study, setting.rows); });
  const auto found = carry_out(chosen, setting, comm);
  if (!found) return std::nullopt;
  return comm.is_root() ? results_of(chosen, *found) : Results();
}

}  // namespace tropism::app
