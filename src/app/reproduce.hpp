// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tropism/comm/communicator.hpp>

#include "progress.hpp"
#include "results.hpp"

namespace tropism::app {

/// How much work a reproduction is to do: all that is published, or a minute's worth.
enum class Effort { full, quick };

/// How our runs are set, where a reproduction has both.
enum class Recipe {
  published,  // as the paper says: Tables 1 and 2 of [GZZ24], jobs/configs/swiss-roll.toml
  best,       // as well as we can
};

struct ReproduceSetting {
  std::string directory;  // exists; runs that are trained live below it
  Effort effort = Effort::full;
  ProgressMode progress = ProgressMode::none;
  std::optional<int> episodes;  // of every training, in place of what the effort says
  std::optional<int> batches;   // of samples that are judged, likewise
  std::vector<Recipe> recipes = {Recipe::published, Recipe::best};  // the lines that are wanted
  std::vector<std::string> rows = {};  // of the table, that are wanted; empty: all
  std::string data = {};  // that a reproduction starts from, where it does not make its own
};

// One file each, reproduce_<name>.cpp. Collective. The table shows ours beside theirs, and what was
// chosen where they say nothing; the JSON has "rows" and "choices". Nothing is returned where a
// signal has stopped the work; what was done by then is kept, and the same call goes on from there.

/// Bias, variance and mean squared error of the ratio estimator on the Swiss roll, the table of
/// [GZZ24 v2], and those of posterior draws (E4).
[[nodiscard]] std::optional<Results> reproduce_estimator_table(const ReproduceSetting& setting,
                                                               const comm::Communicator& comm);

/// What is learned from few rows on the 1-D mixture: at m = 1 the collapse to the data's mean that
/// E2 predicts, and signals without it.
[[nodiscard]] std::optional<Results> reproduce_small_m(const ReproduceSetting& setting,
                                                       const comm::Communicator& comm);

/// The 1-D mixture directed towards 6 with beta = 0, 0.1 and 1, Figure 1 of [GZZ24], beside the
/// exact optimum (MATH D3).
[[nodiscard]] std::optional<Results> reproduce_figure_1(const ReproduceSetting& setting,
                                                        const comm::Communicator& comm);

/// The same mixture over beta: mean reward and divergence of q-learning and DPOK beside the exact
/// tilt, policy mean and value function beside their closed forms (MATH D2-D4).
[[nodiscard]] std::optional<Results> reproduce_theory(const ReproduceSetting& setting,
                                                      const comm::Communicator& comm);

/// Algorithm 2 of [GZZ24] on three 1-D mixtures, one model for all labels, directed towards 6 with
/// beta = 0, 0.1 and 0.5, beside the exact optimum of each label (MATH D3).
[[nodiscard]] std::optional<Results> reproduce_conditional_mixture(const ReproduceSetting& setting,
                                                                   const comm::Communicator& comm);

/// Algorithm 2 of [GZZ24] under a continuous context, one model of two branches that cross, with
/// the context kernel and beta = 0, 0.1 and 0.5, beside the exact optimum at each
/// context; once more where every second interval of contexts has no rows.
[[nodiscard]] std::optional<Results> reproduce_conditional_context(const ReproduceSetting& setting,
                                                                   const comm::Communicator& comm);

/// Algorithm 2 of [GZZ24] on the handwritten digits of setting.data, one model for all labels, with
/// the reward mean intensity at beta = 0, 10 and 40, beside the exact tilt of each label (MATH D3).
/// @throws ConfigError   where the data are not there, have no labels or are no images
[[nodiscard]] std::optional<Results> reproduce_conditional_digits(const ReproduceSetting& setting,
                                                                  const comm::Communicator& comm);

/// DDPO, DPOK and q-learning from a good and from a bad pretrained model of the Swiss roll at mean
/// rewards 0.7, 0.8 and 0.9, Tables 3 and 4 of [GZZ24].
[[nodiscard]] std::optional<Results> reproduce_table_3(const ReproduceSetting& setting,
                                                       const comm::Communicator& comm);
[[nodiscard]] std::optional<Results> reproduce_table_4(const ReproduceSetting& setting,
                                                       const comm::Communicator& comm);

/// The Swiss roll with beta = 0, 5, 10 and 30, Figure 3 of [GZZ24].
[[nodiscard]] std::optional<Results> reproduce_figure_3(const ReproduceSetting& setting,
                                                        const comm::Communicator& comm);

/// The Swiss roll from m = 30 to 300 rows per estimate, [GZZ24 v2].
[[nodiscard]] std::optional<Results> reproduce_table_m(const ReproduceSetting& setting,
                                                       const comm::Communicator& comm);

/// The Swiss roll by SDE, ODE and DDIM in 50, 10 and 5 steps, Tables 5 (beta = 0) and 6 (mean
/// reward 0.8) of [GZZ24]: theirs, ours as published, and ours at its best.
[[nodiscard]] std::optional<Results> reproduce_table_5(const ReproduceSetting& setting,
                                                       const comm::Communicator& comm);
[[nodiscard]] std::optional<Results> reproduce_table_6(const ReproduceSetting& setting,
                                                       const comm::Communicator& comm);

}  // namespace tropism::app
