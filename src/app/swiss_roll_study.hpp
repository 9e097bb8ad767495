// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tropism/evaluation/batches.hpp>
#include <tropism/evaluation/moments.hpp>

#include "beta_search.hpp"
#include "config.hpp"
#include "reproduce.hpp"

/// The paper's experiments on the Swiss roll, 300 rows with the reward 1{-5 <= y1 <= 6}: lists of
/// runs and of printed numbers, and what carries them out.
namespace tropism::app {

/// What swiss_roll_config's best recipe is, for a table: "steps equal in log-SNR, ..."
[[nodiscard]] std::string text_of_best(const ReproduceSetting& setting);

inline constexpr std::int64_t num_swiss_roll_rows = 300;  // M, as published

[[nodiscard]] std::string name_of(Recipe recipe);

/// A config of this recipe at T = 5: Ornstein-Uhlenbeck, Euler-Maruyama, beta = 0; 20 equal steps
/// as published, or 50 that are equal in log-SNR. Directories are left open.
[[nodiscard]] Config swiss_roll_config(Recipe recipe, const ReproduceSetting& setting);

/// One line of ours: what is trained, sampled and judged.
struct SwissRollRun {
  std::string row = {};  // of the table; joins it to the printed numbers
  std::string key = {};  // names the run directory
  Recipe recipe = Recipe::best;
  Config config = {};
  std::string pretrained = {};               // the key of an earlier run to start from; "" = none
  std::optional<double> wanted_reward = {};  // beta is looked for; none: that of the config
  std::int64_t batch_rows = 300;             // of samples in a batch
};

/// A line as the paper prints it; a half width of 0 was not printed.
struct PublishedRow {
  std::string row;
  std::optional<double> reward = {};  // none: not printed
  double reward_half_width = 0.0;     // of the 95 % interval
  double divergence = 0.0, divergence_half_width = 0.0;
};

enum class StudyPicture { divergences, samples };

struct SwissRollStudy {
  std::string title = {};  // of the picture
  StudyPicture picture = StudyPicture::divergences;
  std::string choices = {};  // what is published and what we chose, for the table
  std::vector<PublishedRow> published = {};
  std::vector<SwissRollRun> runs = {};
};

/// The names of the table's rows, each once, in the order in which they first come.
[[nodiscard]] std::vector<std::string> rows_of(const SwissRollStudy& study);

/// What is known of a run's samples; complete on rank 0.
struct JudgedRun {
  double beta = 0.0;
  evaluation::Moments reward;
  evaluation::BatchMean divergence;  // from the training rows, k = 1, over batches
  std::optional<double> floor;       // least divergence at that mean reward
  std::optional<double> nearest;     // distance to the training rows: Memorisation::ratio
  double seconds = 0.0;              // of training
  torch::Tensor samples;
};

/// A run, and what came out of it; nothing where training diverged.
struct SwissRollLine {
  SwissRollRun run;
  std::optional<JudgedRun> judged;
  std::vector<BetaSearch::Trial> trials;  // of the search for beta, in order
};

struct SwissRollResults {
  std::vector<SwissRollLine> lines;
  torch::Tensor data;  // the training rows
  JudgedRun fresh;     // as many fresh rows of the roll in place of samples
};

/// Rewards of unscaled points, float64 [N].
[[nodiscard]] torch::Tensor rewards_of_rows(const reward::RewardConfig& reward,
                                            const torch::Tensor& x);

/// Collective. Trains, samples and judges all runs in turn. @return nothing if a signal stopped it
[[nodiscard]] std::optional<SwissRollResults> carry_out(const SwissRollStudy& study,
                                                        const ReproduceSetting& setting,
                                                        const comm::Communicator& comm);

/// The table, the JSON and the picture of scattered samples.
[[nodiscard]] Results results_of(const SwissRollStudy& study, const SwissRollResults& found);

/// Both, of setting.rows. @throws ConfigError   for a row that the table does not have
[[nodiscard]] std::optional<Results> reproduce_study(const SwissRollStudy& study,
                                                     const ReproduceSetting& setting,
                                                     const comm::Communicator& comm);

}  // namespace tropism::app
